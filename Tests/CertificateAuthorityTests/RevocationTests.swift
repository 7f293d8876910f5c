import Foundation
import Testing

@testable import CertificateAuthority

@Suite("Revocation, and the index behind it")
struct RevocationTests {
    let folder: TestFolder
    let authority: CertificateAuthority

    init() throws {
        folder = try TestFolder()
        authority = try CertificateAuthority.create(in: folder.path + "/ca", name: "Test authority")
    }

    private func issue(_ name: String) throws -> IssuedRecord {
        try authority.issueTerminalCertificate(
            TerminalSubject(terminal: name, institution: "H31010400123")
        ).record
    }

    private func listText() throws -> String {
        try folder.openssl("crl", "-in", authority.revocationListPath, "-noout", "-text").output
    }

    @Test("The openssl command refuses a revoked certificate and still accepts another")
    func revoked() throws {
        let (bad, good) = (try issue("T0000001"), try issue("T0000002"))
        try authority.revoke(serialHex: bad.serialHex, reason: .keyCompromise)
        for (record, expected) in [(bad, false), (good, true)] {
            let (status, output) = try folder.openssl(
                "verify", "-crl_check", "-CRLfile", authority.revocationListPath, "-CAfile",
                authority.certificatePath, authority.issuedPath(serialHex: record.serialHex))
            #expect((status == 0) == expected)
            #expect(output.contains("certificate revoked") != expected)
        }
    }

    @Test("A list is version 2, numbered upwards, signed, dated, with reasons")
    func list() throws {
        #expect(try listText().contains("No Revoked Certificates"))
        let record = try issue("T0000001")
        let time = UTCTime(epochSeconds: 1_790_000_000)
        try authority.revoke(
            serialHex: record.serialHex, reason: .superseded, at: time,
            listValidity: .init(start: time, end: time.adding(days: 7)))
        let text = try listText()
        #expect(text.contains("Version 2 (0x1)"))
        #expect(text.contains("CRL Number: \n                2\n"))
        #expect(text.contains("Authority Key Identifier"))
        #expect(text.contains("Last Update: Sep 21 14:13:20 2026 GMT"))
        #expect(text.contains("Next Update: Sep 28 14:13:20 2026 GMT"))
        #expect(text.contains("Serial Number: \(record.serialHex)"))
        #expect(text.contains("Superseded"))
        let signature = try folder.openssl(
            "crl", "-in", authority.revocationListPath, "-noout", "-CAfile",
            authority.certificatePath)
        #expect(signature.output.contains("verify OK"))
        try authority.issueRevocationList()
        #expect(try listText().contains("CRL Number: \n                3\n"))
        #expect(try listText().contains(record.serialHex))
    }

    @Test("What is unknown or revoked already can neither be revoked nor renewed")
    func twice() throws {
        let serial = try issue("T0000001").serialHex
        #expect(throws: CertificateAuthorityFault.unknownSerial("00AA")) {
            try authority.revoke(serialHex: "00AA")
        }
        #expect(throws: CertificateAuthorityFault.unknownSerial("../authority")) {
            try authority.renew(serialHex: "../authority")
        }
        try authority.revoke(serialHex: serial)
        #expect(throws: CertificateAuthorityFault.alreadyRevoked(serial)) {
            try authority.revoke(serialHex: serial)
        }
        #expect(throws: CertificateAuthorityFault.alreadyRevoked(serial)) {
            try authority.renew(serialHex: serial)
        }
    }

    @Test("The index survives: another process sees all that was issued and revoked")
    func survives() throws {
        let first = try issue("T0000001")
        let second = try authority.issueServerCertificate(name: "s", names: [.dns("s.test")]).record
        let time = UTCTime(epochSeconds: 1_790_000_000)
        try authority.revoke(serialHex: first.serialHex, reason: .cessationOfOperation, at: time)
        let records = try CertificateAuthority(openingIn: authority.directory).issued()
        #expect(records.map(\.serialHex) == [first.serialHex, second.serialHex])
        #expect(records.map(\.kind) == [.terminal, .server])
        #expect(records[0].validity == first.validity)
        #expect(records[0].revocation == .init(time: time, reason: .cessationOfOperation))
        #expect(records[1] == second)
    }

    @Test("A last line cut by a crash is not read, and the next change repairs it")
    func tornLine() throws {
        let first = try issue("T0000001")
        let handle = try #require(FileHandle(forWritingAtPath: authority.indexPath))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("issued\t1234\tterm".utf8))
        try handle.close()
        #expect(try authority.issued() == [first])
        let second = try issue("T0000002")
        #expect(try authority.issued() == [first, second])
        #expect(try !String(contentsOfFile: authority.indexPath, encoding: .utf8).contains("1234"))
    }

    @Test(
        "A damaged line is named by its number, and nothing is changed",
        arguments: ["issued\tbroken"]
            + ["03", "+3", "0", "-1", "9223372036854775807"].map {
                "list\t\($0)\t2026-11-24T00:00:00Z\t2026-12-24T00:00:00Z"
            })
    func damagedLine(_ line: String) throws {
        _ = try issue("T0000001")
        let path = authority.indexPath
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try (text + line + "\n").write(toFile: path, atomically: false, encoding: .utf8)
        let expected = CertificateAuthorityFault.indexDamaged(
            path: path, line: 4, problem: "is not an event of this index")
        #expect(throws: expected) { try authority.issued() }
        #expect(throws: expected) { try issue("T0000002") }
        #expect(throws: expected) { try CertificateAuthority(openingIn: authority.directory) }
    }

    @Test("A certificate is issued after a last line of any length, and one cut by a crash")
    func longLastLine() throws {
        #expect(try authority.issued().isEmpty)
        let path = authority.indexPath
        let long = String(repeating: "L", count: 10_000)
        let event = AuthorityIndex.Event.issued(
            serial: "1234", kind: .terminal, .days(1), subject: long)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try (text + event.line + "\n" + "issued\t").write(
            toFile: path, atomically: false, encoding: .utf8)
        let issued = try issue("T0000001")
        #expect(try authority.issued().map(\.subject) == [long, issued.subject])
    }

    @Test("Concurrent changes each get their line")
    func concurrent() async throws {
        let authority = authority
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<16 {
                group.addTask {
                    let subject = try TerminalSubject(
                        terminal: "T00000\(10 + index)", institution: "H31010400123")
                    let issued = try authority.issueTerminalCertificate(subject)
                    try authority.revoke(serialHex: issued.record.serialHex)
                }
            }
            try await group.waitForAll()
        }
        let records = try authority.issued()
        #expect(Set(records.map(\.subject)).count == 16)
        #expect(records.allSatisfy { $0.revocation != nil })
        let text = try listText()
        #expect(records.allSatisfy { text.contains($0.serialHex) })
        #expect(text.contains("CRL Number: \n                17\n"))
    }

    @Test("An authority is not made over anything, and leaves nothing behind")
    func existing() throws {
        #expect(throws: CertificateAuthorityFault.exists(path: authority.directory)) {
            try CertificateAuthority.create(in: authority.directory, name: "Another")
        }
        let file = try folder.write("precious", to: "file")
        #expect(throws: CertificateAuthorityFault.exists(path: file)) {
            try CertificateAuthority.create(in: file, name: "Another")
        }
        #expect(throws: CertificateAuthorityFault.self) {
            try CertificateAuthority.create(in: folder.path + "/no/such/place", name: "Another")
        }
        #expect(throws: CertificateAuthorityFault.self) {
            try CertificateAuthority.create(in: folder.path + "/x", name: "line\nbreak")
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(Set(left) == ["ca", "file"])
        let empty = folder.path + "/empty"
        try FileManager.default.createDirectory(
            atPath: empty, withIntermediateDirectories: false)
        _ = try CertificateAuthority.create(in: empty, name: "Another")
        _ = try CertificateAuthority(openingIn: empty)
    }

    @Test("An authority whose key is another's is refused on opening")
    func foreignKey() throws {
        let other = try CertificateAuthority.create(in: folder.path + "/other", name: "Other")
        try FileManager.default.removeItem(atPath: authority.privateKeyPath)
        try FileManager.default.copyItem(
            atPath: other.privateKeyPath, toPath: authority.privateKeyPath)
        #expect(
            throws: CertificateAuthorityFault.file(
                path: authority.privateKeyPath,
                problem: "is not the key of \(authority.certificatePath)")
        ) { try CertificateAuthority(openingIn: authority.directory) }
    }

    @Test("A time is written and read to the second, and nothing else is read")
    func times() {
        for seconds in [0, 951_782_399, 951_782_400, 1_790_000_000, 4_102_444_799] as [Int64] {
            let time = UTCTime(epochSeconds: seconds)
            #expect(UTCTime(time.description) == time)
        }
        #expect(UTCTime(epochSeconds: 951_782_399).description == "2000-02-28T23:59:59Z")
        for bad in ["", "2026-02-29T00:00:00Z", "2026-1-1T0:0:0Z", "2026-01-01 00:00:00Z"] {
            #expect(UTCTime(bad) == nil)
        }
    }
}
