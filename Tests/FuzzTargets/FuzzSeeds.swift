import Foundation
import Ledger
import NIOCore
import SettlementDomain
import SettlementProtocol
import SiteFiles
import TestSupport

/// The files of the repository, found from this file.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func path(_ name: String) -> String { root.appendingPathComponent(name).path }

    static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: root.appendingPathComponent(name)))
    }

    static func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path(folder)).sorted()
    }
}

/// What each target begins with: a first byte that chooses, and what the repository has of its kind.
enum FuzzSeeds {
    /// Every frame of `Protocol/Vectors/frames`, malformed ones too.
    static func vectorFrames() throws -> [[UInt8]] {
        struct Vector: Decodable {
            var frame: String
        }
        return try Repository.names(in: "Protocol/Vectors/frames").flatMap { name in
            let data = Data(try Repository.bytes("Protocol/Vectors/frames/\(name)"))
            let vectors = (try? JSONDecoder().decode([Vector].self, from: data)) ?? []
            return vectors.map { hexadecimal($0.frame) }
        }
    }

    private static func hexadecimal(_ text: String) -> [UInt8] {
        let digits = Array(text)
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
            UInt8(String(digits[$0...($0 + 1)]), radix: 16)
        }
    }

    static func frames() throws -> [[UInt8]] {
        let frames = try vectorFrames()
        let requests = frames.filter { $0.count > 5 && $0[5] < 0x80 }
        let responses = frames.filter { $0.count > 5 && $0[5] >= 0x80 }
        return requests.map { [0, 1] + $0 } + responses.map { [1, 2] + $0 }
            + [[0, 3] + requests.prefix(8).joined(), [1, 4] + responses.prefix(8).joined()]
    }

    static func requests() throws -> [[UInt8]] {
        let vectors = try vectorFrames().filter { $0.count > 12 && $0[5] < 0x80 }
            .map { [$0[5]] + $0.dropFirst(12) }
        let header = RequestHeader(businessDate: Samples.day, stan: 1, terminalTime: 0)
        let registrations = RequestEncoder.operatorApply(
            OperatorApplyRequest(
                header: header, registrations: sampleRegistrations(), isDryRun: false))
        let questions = sampleQuestions().map {
            [RequestKind.operatorQuery.rawValue]
                + RequestEncoder.operatorQuery(OperatorQueryRequest(header: header, question: $0))
        }
        return vectors + questions + [
            [RequestKind.operatorApply.rawValue] + registrations,
            [RequestKind.dayClose.rawValue]
                + RequestEncoder.dayClose(
                    DayCloseRequest(header: header, date: Samples.day, next: nil)),
            [RequestKind.operatorMaintenance.rawValue]
                + RequestEncoder.operatorMaintenance(
                    OperatorMaintenanceRequest(header: header, task: "verify", argument: "all")),
        ]
    }

    static func responses() throws -> [[UInt8]] {
        var seeds = try vectorFrames().filter { $0.count > 12 && $0[5] >= 0x80 }
            .map { [$0[5]] + $0.dropFirst(12) }
        for page in samplePages() {
            seeds.append(
                [RequestKind.operatorQuery.responseKind]
                    + ResponseEncoder.operatorPage(
                        page, next: sampleQuestions().first, businessDate: Samples.day, time: 1))
        }
        return seeds
    }

    static func records() -> [[UInt8]] {
        sampleQuestions().map { [0] + OperatorCoding.encode($0) }
            + samplePages().map { page in
                [1]
                    + OperatorCoding.encode(page).flatMap { record in
                        [UInt8(record.count & 0xff), UInt8(record.count >> 8)] + record
                    }
            }
            + sampleRegistrations().map { [2] + JournalCoding.encode($0) }
            + [RegistrationResult.added, .unchanged, .refused("no such person")].map {
                [3] + JournalCoding.encode($0)
            }
    }

    static func journal() -> [[UInt8]] {
        var ledger = SyntheticLedger(seed: 3)
        var entries = ledger.site()
        for _ in 0..<120 { entries.append(ledger.any()) }
        entries = Array(entries.suffix(124))
        var seeds = entries.map { [0] + JournalCoding.encode($0) }
        let changes = Set(entries.flatMap(\.changes).map { JournalCoding.encode($0) })
        seeds += changes.sorted { $0.lexicographicallyPrecedes($1) }.map { [1] + $0 }
        seeds += entries.compactMap(\.dayRow).prefix(10).map { [2] + JournalCoding.encode($0) }
        if let journal = try? SessionTown.journal.get() {
            seeds += journal.filter { JournalCoding.encode($0).count < 2_000 }.map {
                [0] + JournalCoding.encode($0)
            }
        }
        return seeds
    }

    static func pins() throws -> [[UInt8]] {
        struct Block: Decodable {
            var algorithm, masterKey, wrappedKey, checkValue, pinKey, card, pin, block: String
        }
        let data = Data(try Repository.bytes("Protocol/Vectors/pin/format4.json"))
        let blocks = try JSONDecoder().decode([Block].self, from: data)
        var seeds: [[UInt8]] = []
        for block in blocks {
            let cipher: UInt8 = block.algorithm == "SM4" ? 1 : 0
            let digits = block.card.utf8.map { $0 - 0x30 }
            let keyed = hexadecimal(block.pinKey) + [UInt8(digits.count - 10)] + digits
            seeds.append([0, cipher] + keyed + hexadecimal(block.block))
            seeds.append([1, cipher] + keyed + Array(block.pin.utf8))
            seeds.append(
                [2, cipher] + hexadecimal(block.masterKey + block.checkValue + block.wrappedKey))
        }
        return seeds + keyStores().map { [3] + $0 }
    }

    /// The contents of key stores: without and with a terminal, a next master key, and record keys.
    private static func keyStores() -> [[UInt8]] {
        let created = [UInt8](repeating: 0, count: 8)
        let none: [UInt8] = [0, 0, 0, 0]
        let verification: [UInt8] = [0, 1, 0, 1, 0, 1] + created + Array(1...32)
        let terminal = [0, 0, 0, 1, 8] + Array("T0000001".utf8) + created + Array(1...16)
        let record: [UInt8] = [0, 1, 0, 1, 0, 1] + created + Array(2...33)
        let records: [UInt8] =
            [0, 2, 0, 1, 0, 1] + created + Array(2...33) + [0, 2] + created + Array(3...34)
        return [
            verification + none + none + none, verification + none + none + record,
            verification + terminal + none + record,
            verification + terminal + terminal + records,
        ]
    }

    static func csv() throws -> [[UInt8]] {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("fuzz-seeds-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try DemoSite(seed: 7, persons: 12, terminals: 10, today: Samples.day)
            .writeFiles(into: folder.path)
        var seeds: [[UInt8]] = []
        for (index, form) in SiteFileForm.allCases.enumerated() {
            let file = folder.appendingPathComponent("\(form.rawValue).csv")
            seeds.append([UInt8(index)] + [UInt8](try Data(contentsOf: file)))
        }
        let count = UInt8(SiteFileForm.allCases.count)
        let catalog = try Repository.bytes("Config/catalog/sample-catalog.csv")
        let lines = catalog.split(separator: 0x0a)
        seeds.append([count] + lines.prefix(6).joined(separator: [0x0a]))
        for part in stride(from: 1, to: lines.count, by: 20) {
            let some = lines[part..<min(part + 4, lines.count)]
            seeds.append([count] + ([lines[0]] + some).joined(separator: [0x0a]))
        }
        let rules = """
            national_code,name,restriction,value
            XA01ABD075A002010100483,"Tablets, small",max_days,14
            XA01ABD075A002010100483,Tablets,sex,female
            XA01ABD075A002010100483,Tablets,age_group,child
            """
        return seeds + [[count + 1] + Array(rules.utf8)]
    }

    static func yaml() throws -> [[UInt8]] {
        let claim = """
            bills:
              - { code: FAR-HOSPITAL, name: Far Hospital, kind: hospital, level: level3, number: N-1,
                  serviceDate: 2026-11-01, visitType: outpatient, diagnosis: E11.9,
                  lines: "990000000000001x2x12.50", distinctFrom: 20261123-T0000001-000103 }
            documents:
              - { kind: invoice, sheets: 2 }
            payee: { holder: Zhang San, bank: Example Bank, number: "6200" }
            """
        var seeds = [[1] + Array(claim.utf8)]
        for name in try Repository.names(in: "Config/policies") {
            let file = try Repository.bytes("Config/policies/\(name)")
            seeds.append([0] + file)
            seeds.append([0] + withoutComments(file))
        }
        seeds.append([2] + withoutComments(try Repository.bytes("Config/settled.yaml")))
        return seeds
    }

    private static func withoutComments(_ file: [UInt8]) -> [UInt8] {
        let lines = String(decoding: file, as: UTF8.self).split(separator: "\n")
            .filter { !$0.drop { $0 == " " }.hasPrefix("#") }
        return Array(lines.joined(separator: "\n").utf8)
    }
}
