import Testing

@testable import CardSecurity

@Suite("Files of terminal master keys")
struct TerminalKeyFileTests {
    let directory: TemporaryDirectory
    let source: KeyEncryptionSource
    let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("terminals")
        source = .keyFile(path: directory.file("kek"))
        try KeyEncryptionSource.generateKeyFile(at: directory.file("kek"))
    }

    @Test("Keys that were written are read again, and no key stands in the file")
    func roundTrip() throws {
        let keys = [
            "PHAR0001": try TerminalMasterKey.generate(),
            "B": secret("00112233445566778899aabbccddeeff"),
        ]
        try TerminalKeyFile.write(keys, to: path, under: source)
        let again = try TerminalKeyFile.read(path, under: source)
        #expect(again.mapValues(\.revealed) == keys.mapValues(\.revealed))
        let text = String(decoding: try directory.read("terminals"), as: UTF8.self)
        for key in keys.values { #expect(!text.contains(key.revealed)) }
    }

    @Test("A changed line is refused by its number, a changed key by its wrapping")
    func damaged() throws {
        try TerminalKeyFile.write(["A": TerminalMasterKey.generate()], to: path, under: source)
        let good = String(decoding: try directory.read("terminals"), as: UTF8.self)
        let line = good.split(separator: "\n")[1]
        for (text, number) in [
            ("", 1), ("other 1\n", 1), (good + "B 00\n", 3), (good + line + "\n", 3),
            (good + "B zz \(line.suffix(6))\n", 3), ("\(line)\n", 1),
        ] {
            try directory.write("terminals", Array(text.utf8))
            #expect(throws: CardSecurityFault.lineMalformed(path: path, line: number)) {
                try TerminalKeyFile.read(path, under: source)
            }
        }
        let digit = line.dropFirst(2).first == "0" ? "1" : "0"
        let changed = "A " + digit + line.dropFirst(3)
        let text = good.replacing(String(line), with: changed)
        try directory.write("terminals", Array(text.utf8))
        #expect(throws: CardSecurityFault.unwrapFailed) {
            try TerminalKeyFile.read(path, under: source)
        }
    }

    @Test("A passphrase is no source for it, and a file that others may read is refused")
    func refused() throws {
        let phrase = KeyEncryptionSource.passphrase(secret("00112233445566778899aabbccddeeff"))
        #expect(
            throws: CardSecurityFault.sourceDiffers(
                path: path, needs: "a key from a file or a credential")
        ) {
            try TerminalKeyFile.write([:], to: path, under: phrase)
        }
        try TerminalKeyFile.write([:], to: path, under: source)
        try directory.setMode("terminals", 0o644)
        #expect(throws: CardSecurityFault.permissionsTooOpen(path: path, mode: 0o644)) {
            try TerminalKeyFile.read(path, under: source)
        }
    }
}
