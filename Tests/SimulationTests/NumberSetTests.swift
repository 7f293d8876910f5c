import Foundation
import Simulation
import Testing

@Suite struct NumberSetTests {
    @Test(arguments: ["1", "1-40,55", "0,2,4-6", "3-4"])
    func numbersAreReadAsTheyAreWritten(_ text: String) throws {
        #expect(try #require(NumberSet(text)).description == text)
    }

    @Test func runsAreJoinedAndNothingIsListedTwice() throws {
        #expect(NumberSet([5, 1, 2, 3, 5]).description == "1-3,5")
        #expect(try #require(NumberSet("1-3,2-4")).numbers == [1, 2, 3, 4])
    }

    @Test(arguments: ["", "a", "1-", "-1", "3-1", "1,,2", "1-2-3"])
    func whatIsNoListOfNumbersIsRefused(_ text: String) {
        #expect(NumberSet(text) == nil)
    }
}

@Suite struct SimulationFolderTests {
    @Test func foldersOfProcessesThatAreNoMoreAreRemoved() throws {
        let parent = FileManager.default.temporaryDirectory
            .appendingPathComponent("leftovers-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: parent) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/true")
        try process.run()
        process.waitUntilExit()
        let own = ProcessInfo.processInfo.processIdentifier
        let names = [
            "settled-simulation-\(process.processIdentifier)-A", "settled-simulation-\(own)-B",
            "settled-simulation-x-C", "something-\(process.processIdentifier)",
        ]
        for name in names {
            try FileManager.default.createDirectory(
                at: parent.appendingPathComponent(name), withIntermediateDirectories: true)
        }
        SimulationFolder.removeLeftovers(in: parent)
        let left = try FileManager.default.contentsOfDirectory(atPath: parent.path)
        #expect(left.sorted() == names.dropFirst().sorted())
    }
}
