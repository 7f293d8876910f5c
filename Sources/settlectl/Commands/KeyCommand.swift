import ArgumentParser
import CardSecurity
import CertificateAuthority
import Foundation
import Ledger
import SettlementDomain

/// `settlectl key`.
struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Lists, rotates and retires the site's keys while the daemon serves.",
        discussion: """
            A rotation has two halves: the new key is taken into use beside the old one, and the \
            old one is retired once nothing needs it; record keys are needed for ever. \
            Config/README.md has a page per key.
            """,
        subcommands: [List.self, Rotate.self, Retire.self])

    /// `settlectl key list`.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the key store's keys and how many cards use each; shows no key.",
            discussion: "Counting reads every card.")

        @OptionGroup var options: SiteOptions

        func run() throws {
            let (store, cards) = try options.withDesk { desk, site in
                (try site.keyStore(), try CardCount(desk))
            }
            let current = store.verificationKeyID
            var rows = store.contents.verificationKeyList.map { key in
                let state = key.isCurrent ? "current" : key.id > current ? "next" : "old"
                return Self.row(
                    "verification", "\(key.id)", state, key.created,
                    cards: Int64(cards.byKey[key.id] ?? 0))
            }
            for id in cards.byKey.keys.sorted()
            where !store.contents.verificationKeyList.contains(where: { $0.id == id }) {
                rows.append(
                    Self.row(
                        "verification", "\(id)", "missing", nil,
                        cards: Int64(cards.byKey[id] ?? 0)))
            }
            rows += Self.rows(of: store.contents.recordKeyList)
            rows.append(
                Self.row(
                    "encryption", "-", store.openers == 1 ? "current" : "\(store.openers) open",
                    nil, cards: nil))
            for terminal in store.contents.terminalsWithNextKey {
                rows.append(
                    Self.row("terminal", terminal, "next waits", nil, cards: nil))
            }
            options.printer.list(rows, empty: "no key")
        }

        private static func rows(of keys: [RecordKeyInfo]) -> [Record] {
            let current = keys.first(where: \.isCurrent)?.id ?? 0
            return keys.map { key in
                let state = key.isCurrent ? "current" : key.id > current ? "next" : "old"
                return row("record", "\(key.id)", state, key.created, cards: nil)
            }
        }

        private static func row(
            _ kind: String, _ name: String, _ state: String, _ created: Int64?, cards: Int64?
        ) -> Record {
            let time = created.map {
                Date(timeIntervalSince1970: TimeInterval($0)).formatted(.iso8601)
            }
            return Record([
                ("key", .text(kind)), ("name", .text(name)), ("state", .text(state)),
                ("created", time.map(Scalar.text) ?? .none),
                ("cards", cards.map(Scalar.number) ?? .none),
            ])
        }
    }
}

/// How many cards have a PIN verification value under each key; cancelled ones are left out, since
/// nobody pays with them again.
struct CardCount {
    /// By the key's number; a key that no card uses is absent.
    private(set) var byKey: [UInt16: Int] = [:]

    private static let pageCards = 1_000

    /// Reads every card, page by page; a daemon serves terminals between them.
    init(_ desk: any OperatorDesk) throws {
        var last: CardNumber?
        while true {
            guard
                case .cards(let rows) = try desk.read(
                    .cards(after: last, limit: Self.pageCards)), !rows.isEmpty
            else { return }
            for row in rows where row.state != .cancelled {
                if let key = row.verification?.keyID { byKey[key, default: 0] += 1 }
            }
            last = rows.last?.number
        }
    }
}

extension Site {
    /// Has a daemon that runs read keys and certificates again, and waits until every request that
    /// it had taken before has been decided; false where none runs.
    func reloadDaemon() throws -> Bool {
        guard let desk = try DaemonDesk(socket: configuration.operatorSocket) else { return false }
        defer { desk.close() }
        _ = try desk.maintain(.reload, "")
        // A question waits its turn behind the requests of terminals.
        _ = try desk.read(.balances)
        return true
    }
}
