import ArgumentParser
import CardSecurity
import CertificateAuthority
import Foundation
import SettlementServer

extension KeyCommand {
    /// `settlectl key rotate`.
    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes a new key into use; the old one stays good until it is retired.",
            subcommands: [
                Verification.self, RecordKey.self, Encryption.self, Terminal.self, Server.self,
            ])
    }
}

extension KeyCommand.Rotate {
    /// `settlectl key rotate verification`.
    struct Verification: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a new PIN verification key; cards move to it at their next right PIN.",
            discussion: """
                Every daemon must have the key before one makes values under it. With one daemon \
                this command sees to that by itself. With several: run it with --stage, copy the \
                key store to every daemon and reload each, then run it again without.

                  settlectl key rotate verification
                """)

        @Flag(help: "Only make the key: it verifies, and no value is made under it yet.")
        var stage = false

        @OptionGroup var options: SiteOptions

        func run() throws {
            let site = try options.open()
            let store = try site.keyStore()
            let waiting = store.contents.verificationKeyList.last {
                $0.id > store.verificationKeyID
            }
            let next =
                try waiting?.id
                ?? store.update { contents throws(CardSecurityFault) in
                    try contents.addVerificationKey(created: SealedKeyStore.now())
                }
            var isReloaded = try site.reloadDaemon()
            if !stage {
                try store.update { contents throws(CardSecurityFault) in
                    try contents.activateVerificationKey(next)
                }
                isReloaded = try site.reloadDaemon()
            }
            options.printer.done(
                "verification key \(next) is \(stage ? "staged" : "current")"
                    + (isReloaded ? "; the daemon knows" : ""),
                [
                    ("key", .number(Int64(next))), ("staged", .flag(stage)),
                    ("daemon_reloaded", .flag(isReloaded)),
                ])
        }
    }

    /// `settlectl key rotate record`.
    struct RecordKey: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "record",
            abstract: "Makes a new record key; what the store seals from now on is under it.",
            discussion: """
                The old keys stay and cannot be retired: what was sealed under them needs them. Card \
                tokens stay under the first.

                Every daemon must have the key before one seals under it. With one daemon this \
                command sees to that by itself. With several: run it with --stage, copy the key \
                store to every daemon and reload each, then run it again without.

                  settlectl key rotate record
                """)

        @Flag(help: "Only make the key: it opens, and nothing is sealed under it yet.")
        var stage = false

        @OptionGroup var options: SiteOptions

        func run() throws {
            let site = try options.open()
            let store = try site.keyStore()
            let last = store.contents.recordKeyList.last
            let waiting = last.flatMap { $0.isCurrent ? nil : $0.id }
            let next =
                try waiting
                ?? store.update { contents throws(CardSecurityFault) in
                    try contents.addRecordKey(created: SealedKeyStore.now())
                }
            var isReloaded = try site.reloadDaemon()
            // A store's first key is current at once.
            var isCurrent = store.contents.recordKeyList.contains { $0.id == next && $0.isCurrent }
            if !stage && !isCurrent {
                try store.update { contents throws(CardSecurityFault) in
                    try contents.activateRecordKey(next)
                }
                isCurrent = true
                isReloaded = try site.reloadDaemon()
            }
            options.printer.done(
                "record key \(next) is \(isCurrent ? "current" : "staged")"
                    + (isReloaded ? "; the daemon knows" : ""),
                [
                    ("key", .number(Int64(next))), ("staged", .flag(!isCurrent)),
                    ("daemon_reloaded", .flag(isReloaded)),
                ])
        }
    }

    /// `settlectl key rotate encryption`.
    struct Encryption: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Seals the key store under another key-encryption key or passphrase.",
            discussion: """
                Without an option, for a site with keys.key_file: a new key takes the file's place \
                and the old one is void. With an option the store opens under both until \
                `settlectl key retire encryption` is run with the new one in settled.yaml.

                  settlectl key rotate encryption
                  settlectl key rotate encryption --to-credential settled-kek-2027
                """)

        @Option(help: "A file with the new key: 32 bytes or 64 hexadecimal digits, mode 0600.")
        var toKeyFile: String?

        @Option(help: "The name of a credential in $CREDENTIALS_DIRECTORY with the new key.")
        var toCredential: String?

        @Option(help: "A file with the new passphrase, mode 0600.")
        var toPassphraseFile: String?

        @OptionGroup var options: SiteOptions

        func validate() throws {
            guard [toKeyFile, toCredential, toPassphraseFile].compactMap({ $0 }).count <= 1 else {
                throw ValidationError(
                    "give one of --to-key-file, --to-credential, --to-passphrase-file")
            }
        }

        func run() throws {
            let site = try options.open()
            let store = try site.keyStore()
            if let target {
                try store.admit(target)
                let isReloaded = try site.reloadDaemon()
                options.printer.done(
                    "the key store opens under \(store.openers) keys; name the new one in "
                        + "settled.yaml, then retire the others",
                    [
                        ("openers", .number(Int64(store.openers))),
                        ("daemon_reloaded", .flag(isReloaded)),
                    ])
                return
            }
            guard case .keyFile(let file) = site.configuration.keys.source else {
                throw CommandFault("the site has no keys.key_file: name the new key by an option")
            }
            try Self.replace(file, of: store)
            let isReloaded = try site.reloadDaemon()
            options.printer.done(
                "the key store is sealed under a new key in \(file)"
                    + (isReloaded ? "; the daemon knows" : ""),
                [("key_file", .text(file)), ("daemon_reloaded", .flag(isReloaded))])
        }

        private var target: KeyEncryptionSource? {
            if let toKeyFile { return .keyFile(path: toKeyFile) }
            if let toCredential { return .credential(name: toCredential) }
            return toPassphraseFile.map { .passphraseFile(path: $0) }
        }

        /// At every moment, whatever ends this program, the key in the file opens the store.
        private static func replace(_ file: String, of store: SealedKeyStore) throws {
            let new = file + ".new"
            // What an interrupted run left may be admitted already; a fresh key is as good.
            unlink(new)
            try KeyEncryptionSource.generateKeyFile(at: new)
            try KeyEncryptionSource.keepOwner(of: file, on: new)
            try store.admit(.keyFile(path: new))
            guard rename(new, file) == 0 else {
                throw CommandFault("\(new): cannot take the place of \(file)")
            }
            try store.seal(under: .keyFile(path: file))
        }
    }

    /// `settlectl key rotate terminal`.
    struct Terminal: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives a terminal its next master key; the old one is good until it is used.",
            discussion: """
                The terminal's session goes on, and it may sign on under the old key until it does \
                so under the new one. If the old key is known to others, `settlectl terminal key` \
                voids it at once instead.

                  settlectl key rotate terminal T0000001 --components 2
                  settlectl key rotate terminal T0000001 --out ./next.key
                """)

        @Argument(help: "The terminal's id.")
        var terminal: String

        @Option(help: "Print the key in 2 or 3 components.")
        var components: Int?

        @Option(help: "Write the key to this new file, mode 0600, as master.key is written.")
        var out: String?

        @OptionGroup var options: SiteOptions

        func validate() throws {
            guard (out == nil) != (components == nil) else {
                throw ValidationError("give --components 2 or --out FILE")
            }
            if let components, ComponentCount(rawValue: components) == nil {
                throw ValidationError("--components \(components): 2 or 3")
            }
        }

        func run() throws {
            let site = try options.open()
            if let out, FileManager.default.fileExists(atPath: out) {
                throw CommandFault("\(out): exists already")
            }
            let terminal = terminal
            let key = try site.keyStore().update { contents throws(CardSecurityFault) in
                try contents.addMasterKey(terminal: terminal, created: SealedKeyStore.now())
            }
            _ = try site.reloadDaemon()
            if let out {
                try TerminalMasterKey.write(key, to: out)
                options.printer.done(
                    "the next master key of \(terminal) is in \(out)",
                    [("terminal", .text(terminal)), ("file", .text(out))])
            } else if let count = components.flatMap(ComponentCount.init) {
                options.printer.show(
                    try TerminalCommand.components(of: key, count, terminal: terminal))
            }
        }
    }

    /// `settlectl key rotate server`.
    struct Server: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Issues the daemon's certificate again, with a new key; connections go on.",
            discussion: """
                Certificate and key of settled.yaml are replaced. The old certificate stays good \
                until it expires or is revoked.

                  settlectl key rotate server
                """)

        @Option(help: "Days until it expires, 1...3650, and not after the authority does.")
        var days = ValidityDays(397)

        @OptionGroup var options: SiteOptions

        func run() throws {
            let site = try options.open()
            let authority = try site.authority()
            let newest = try authority.issued()
                .filter { $0.kind == .server && $0.revocation == nil }
                .max { $0.validity.end < $1.validity.end }
            guard let newest else {
                throw CommandFault("the site's authority issued no certificate of a daemon")
            }
            let issued = try authority.renew(
                serialHex: newest.serialHex, validity: .days(days.count))
            try issued.write(
                certificateTo: site.configuration.tls.certificate,
                privateKeyTo: site.configuration.tls.key, existing: .replace)
            let isReloaded = try site.reloadDaemon()
            options.printer.done(
                "issued certificate \(issued.record.serialHex) for the daemon"
                    + (isReloaded ? "; new connections see it" : ""),
                [
                    ("serial", .text(issued.record.serialHex)),
                    ("daemon_reloaded", .flag(isReloaded)),
                ])
        }
    }
}
