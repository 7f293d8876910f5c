import ArgumentParser
import Foundation
import Ledger
import SettlementClient
import SettlementDomain

/// `settlectl pos tour`.
struct PosTourCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tour",
        abstract: "Makes a pharmacy purchase, a hospital visit and a vaccination at a demo site.",
        discussion: """
            Signs on with the first three terminals of the demonstration site, over TLS, and \
            prints each answer as a receipt.

              settlectl pos tour .demo
            """)

    @Argument(help: "The demonstration site's folder.")
    var directory: String

    func run() async throws {
        let cards = try DemoCards(path: directory + "/cards.csv")
        let folder = directory + "/" + Site.Part.terminals
        for (index, credentials) in try TerminalCredentials.all(in: folder).prefix(3).enumerated() {
            let pos = try PosCommand.openForMoney(credentials)
            guard let catalog = try await pos.catalog() else {
                throw CommandFault("no catalog is in force")
            }
            let grant = try await pos.connection().grant
            let card = cards[index]
            let (visit, wanted) = try Self.bill(at: grant.role)
            let sale = Sale(
                card: card.number, pin: card.pin, visitType: visit,
                lines: wanted.compactMap { $0.line(in: catalog) },
                catalogVersion: catalog.version, partialAllowed: true)
            let conclusion = try await pos.settle(sale) { answer in
                print(Receipt(answer, of: sale, at: grant, catalog: catalog).text)
                Printer.handOut()
            }
            try await PosCommand.end(conclusion, of: pos)
        }
    }

    /// What is bought where.
    private static func bill(at role: Role) throws -> (VisitType, [Wanted]) {
        switch role {
        case .pharmacy:
            (
                .pharmacyPurchase,
                [
                    Wanted(.westernMedicine, .a, units: 2, yuan: "18.50"),
                    Wanted(.chinesePatentMedicine, .b, units: 1, yuan: "36.00"),
                    Wanted(.disinfectant, nil, units: 1, yuan: "12.80"),
                    Wanted(.healthProduct, nil, units: 1, yuan: "98.00"),
                ]
            )
        case .hospital:
            (
                .outpatient,
                [
                    Wanted(.westernMedicine, .a, units: 28, yuan: "86.40"),
                    Wanted(.westernMedicine, .b, units: 2, yuan: "152.00"),
                    Wanted(.service, .b, units: 1, yuan: "420.00"),
                    Wanted(.service, .a, units: 1, yuan: "12.00"),
                    Wanted(.nonTreatment, nil, units: 1, yuan: "500.00"),
                ]
            )
        case .vaccination:
            (
                .vaccination,
                [
                    Wanted(.vaccineCategory2, nil, units: 1, yuan: "798.00"),
                    Wanted(.vaccineCategory1, nil, units: 1, yuan: "5.00"),
                ]
            )
        default: throw CommandFault("the first three terminals are not those of a demo site")
        }
    }

    /// A line by what kind of item is wanted.
    private struct Wanted {
        var kind: ItemKind
        var level: PaymentLevel?
        var units: Int64
        var yuan: String

        init(_ kind: ItemKind, _ level: PaymentLevel?, units: Int64, yuan: String) {
            self.kind = kind
            self.level = level
            self.units = units
            self.yuan = yuan
        }

        /// The first entry of that kind without restrictions whose ceiling is nearest to the price;
        /// nil where the catalog has none.
        func line(in catalog: Catalog) -> RequestLine? {
            guard let price = UnitPrice(yuan: yuan) else { return nil }
            let fitting = catalog.entries.indices.filter { index in
                let entry = catalog.entries[index]
                return entry.kind == kind && (level == nil || entry.level == level)
                    && entry.restrictions.isEmpty && entry.effectiveTo == nil
            }
            func distance(_ index: Int) -> UInt64 {
                guard let ceiling = catalog.entries[index].priceCeiling else { return 0 }
                return (ceiling.tenThousandths - price.tenThousandths).magnitude
            }
            guard let index = fitting.min(by: { distance($0) < distance($1) }) else { return nil }
            let quantity = Quantity(thousandths: units * 1000)
            guard let amount = price.amount(for: quantity) else { return nil }
            return RequestLine(
                item: .index(UInt32(index)), quantity: quantity, unitPrice: price, amount: amount,
                courseDays: nil, traceCodes: [])
        }
    }
}

/// The cards of a demonstration site with their PINs.
private struct DemoCards {
    private var cards: [(number: CardNumber, pin: String)] = []

    init(path: String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        for line in text.split(separator: "\n").dropFirst() {
            let fields = line.split(separator: ",").map(String.init)
            guard fields.count >= 2, let number = CardNumber(fields[0]) else {
                throw CommandFault("\(path): a line is not card,pin,person")
            }
            cards.append((number, fields[1]))
        }
        guard !cards.isEmpty else { throw CommandFault("\(path): no cards") }
    }

    subscript(_ index: Int) -> (number: CardNumber, pin: String) { cards[index % cards.count] }
}
