import ArgumentParser
import CardSecurity
import Foundation

extension KeyCommand {
    /// `settlectl key retire`.
    struct Retire: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deletes an old key that nothing needs any more.",
            subcommands: [Verification.self, Encryption.self, Terminal.self])
    }
}

extension KeyCommand.Retire {
    /// `settlectl key retire verification`.
    struct Verification: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deletes a PIN verification key; refused while a card's value is under it.",
            discussion: """
                Cancelled cards do not count. A backup of the ledger from before needs the key for \
                its cards' PINs: keep the key store of that time with it.

                  settlectl key retire verification 1
                """)

        @Argument(help: "The key's number, see `settlectl key list`.")
        var number: UInt16

        @Flag(help: "Delete it all the same: its cards are refused until they get a new PIN.")
        var abandonPins = false

        @OptionGroup var options: SiteOptions

        func run() throws {
            let number = number
            let site = try options.open()
            let store = try site.keyStore()
            guard number != store.verificationKeyID else {
                throw CardSecurityFault.verificationKeyInUse(number)
            }
            // Requests decided from now on make no value under it any more.
            _ = try site.reloadDaemon()
            let using = try options.withDesk { desk, _ in try CardCount(desk).byKey[number] ?? 0 }
            guard using == 0 || abandonPins else {
                throw CommandFault(
                    "\(using) cards have their PIN under verification key \(number): it stays")
            }
            try store.update { contents throws(CardSecurityFault) in
                try contents.retireVerificationKey(number)
            }
            let isReloaded = try site.reloadDaemon()
            options.printer.done(
                "verification key \(number) is deleted"
                    + (using == 0 ? "" : "; \(using) cards need a new PIN"),
                [
                    ("key", .number(Int64(number))), ("cards", .number(Int64(using))),
                    ("daemon_reloaded", .flag(isReloaded)),
                ])
        }
    }

    /// `settlectl key retire encryption`.
    struct Encryption: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Leaves the key that settled.yaml names as the only one of the key store.",
            discussion: """
                Run it once every daemon of this key store was started with the new key.

                  settlectl key retire encryption
                """)

        @OptionGroup var options: SiteOptions

        func run() throws {
            let site = try options.open()
            let store = try site.keyStore()
            let retired = try store.seal(under: site.configuration.keys.source)
            let isReloaded: Bool
            do {
                isReloaded = try site.reloadDaemon()
            } catch {
                throw CommandFault(
                    "the key store is sealed under the new key alone, which the daemon that runs "
                        + "was not started with; start it again (\(error))")
            }
            options.printer.done(
                "\(retired) other keys open the key store no more",
                [("retired", .number(Int64(retired))), ("daemon_reloaded", .flag(isReloaded))])
        }
    }

    /// `settlectl key retire terminal`.
    struct Terminal: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Voids a terminal's old master key before the next one was used.",
            discussion: "  settlectl key retire terminal T0000001")

        @Argument(help: "The terminal's id.")
        var terminal: String

        @OptionGroup var options: SiteOptions

        func run() throws {
            let terminal = terminal
            let site = try options.open()
            let isDone = try site.keyStore().update { contents throws(CardSecurityFault) in
                contents.takeOverMasterKey(terminal: terminal)
            }
            guard isDone else { throw CommandFault("no next master key waits for \(terminal)") }
            let isReloaded = try site.reloadDaemon()
            options.printer.done(
                "the old master key of \(terminal) is void",
                [("terminal", .text(terminal)), ("daemon_reloaded", .flag(isReloaded))])
        }
    }
}
