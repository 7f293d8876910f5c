import Ledger
import SettlementDomain

/// A request as a connection's session sees it.
public enum TerminalRequest: Sendable {
    case signOn(SignOnRequest)
    case signOff(RequestHeader)
    case echo(RequestHeader)
    case catalogPage(CatalogPageRequest)
    /// Card inquiry, quote, settle, void, refund or card service: for the ledger.
    case ledger(LedgerMessage)
    case reversal(ReversalRequest)
    case settlementStatus(SettlementStatusRequest)
    case receiptCopy(ReceiptCopyRequest)
    case admissionDetails(AdmissionDetailsRequest)
    case reconciliationTotals(ReconciliationTotalsRequest)
    case reconciliationDetails(ReconciliationDetailsRequest)
    case reconciliationDifferences(ReconciliationDifferencesRequest)
    case dayClose(DayCloseRequest)
    case operatorApply(OperatorApplyRequest)
    case operatorQuery(OperatorQueryRequest)
    case operatorMaintenance(OperatorMaintenanceRequest)

    /// What the request begins with.
    public var header: RequestHeader {
        switch self {
        case .signOn(let request): request.header
        case .signOff(let header), .echo(let header): header
        case .catalogPage(let request): request.header
        case .ledger(let message): message.header
        case .reversal(let request): request.header
        case .settlementStatus(let request): request.header
        case .receiptCopy(let request): request.header
        case .admissionDetails(let request): request.header
        case .reconciliationTotals(let request): request.header
        case .reconciliationDetails(let request): request.header
        case .reconciliationDifferences(let request): request.header
        case .dayClose(let request): request.header
        case .operatorApply(let request): request.header
        case .operatorQuery(let request): request.header
        case .operatorMaintenance(let request): request.header
        }
    }

    /// The kind of the request's frame.
    public var kind: RequestKind {
        switch self {
        case .signOn: .signOn
        case .signOff: .signOff
        case .echo: .echo
        case .catalogPage: .catalogPage
        case .ledger(let message): message.command.kind
        case .reversal: .reversal
        case .settlementStatus: .settlementStatus
        case .receiptCopy: .receiptCopy
        case .admissionDetails: .admissionDetails
        case .reconciliationTotals: .reconciliationTotals
        case .reconciliationDetails: .reconciliationDetails
        case .reconciliationDifferences: .reconciliationDifferences
        case .dayClose: .dayClose
        case .operatorApply: .operatorApply
        case .operatorQuery: .operatorQuery
        case .operatorMaintenance: .operatorMaintenance
        }
    }
}

/// The block cipher of PIN blocks, as sign-on agrees on it.
///
/// - Source: Protocol/PINBlock.md; the numbers are those of `settlement.proto`.
public enum PINKeyAlgorithm: UInt8, Sendable, Hashable, CaseIterable {
    case aes128 = 1
    case sm4 = 2
}

/// The first request of a connection.
public struct SignOnRequest: Sendable, Hashable {
    /// What every request begins with; the STAN may be anything.
    public var header: RequestHeader
    /// Which terminal; the certificate must name the same.
    public var terminal: TerminalID
    /// What the terminal can do, best first; empty where it named only unknown ones.
    public var pinAlgorithms: [PINKeyAlgorithm]
    /// Vendor, product, version, for the log; at most `softwareBytesMax` bytes.
    public var software: String

    /// The check value of the master key that the terminal holds, `checkValueBytes` bytes; empty
    /// where it does not say.
    public var masterKeyCheckValue: [UInt8]

    /// Bytes of a check value.
    public static let checkValueBytes = 3
    /// The longest `software`.
    public static let softwareBytesMax = 100

    /// Creates a request of its parts.
    public init(
        header: RequestHeader, terminal: TerminalID,
        pinAlgorithms: [PINKeyAlgorithm] = [.aes128], software: String,
        masterKeyCheckValue: [UInt8] = []
    ) {
        self.header = header
        self.terminal = terminal
        self.pinAlgorithms = pinAlgorithms
        self.software = software
        self.masterKeyCheckValue = masterKeyCheckValue
    }
}

/// Asks for a part of a catalog.
public struct CatalogPageRequest: Sendable, Hashable {
    /// What every request begins with; the STAN may be anything.
    public var header: RequestHeader
    /// Which version; nil: the one in force.
    public var version: CatalogVersion?
    /// The index of the first entry wanted.
    public var firstIndex: UInt32
    /// Entries wanted at most, 1...500; nil: as many as fit.
    public var count: UInt32?

    /// The largest `count`.
    public static let countMax: UInt32 = 500

    /// Creates a request of its parts.
    public init(
        header: RequestHeader, version: CatalogVersion?, firstIndex: UInt32, count: UInt32?
    ) {
        self.header = header
        self.version = version
        self.firstIndex = firstIndex
        self.count = count
    }
}

/// A request for the ledger, before its PIN block is opened and its key and content are made.
public struct LedgerMessage: Sendable {
    /// What every request begins with; the date is given and the STAN is in range.
    public var header: RequestHeader
    /// What is asked; its PIN proof is `absent` still.
    public var command: Command
    /// The PIN block as it came, whatever its length; nil where the request has none.
    public var pinBlock: [UInt8]?
    /// The block of a new PIN; nil where the request has none.
    public var newPINBlock: [UInt8]?
    /// The frame's kind and the canonical body without its PIN block.
    ///
    /// Equal for equal content, however the sender ordered its fields. SHA-256 of it is the content.
    public var voucher: [UInt8]

    /// Creates a message of its parts.
    public init(
        header: RequestHeader, command: Command, pinBlock: [UInt8]?, newPINBlock: [UInt8]? = nil,
        voucher: [UInt8]
    ) {
        self.header = header
        self.command = command
        self.pinBlock = pinBlock
        self.newPINBlock = newPINBlock
        self.voucher = voucher
    }
}

/// Asks what became of a request of the same terminal.
public struct SettlementStatusRequest: Sendable, Hashable {
    /// What every request begins with; the date is given and the STAN is in range.
    public var header: RequestHeader
    /// The date in the original's key.
    public var originalDate: CivilDate
    /// The original's STAN, 1...999999.
    public var originalSTAN: UInt32

    /// Creates a request of its parts.
    public init(header: RequestHeader, originalDate: CivilDate, originalSTAN: UInt32) {
        self.header = header
        self.originalDate = originalDate
        self.originalSTAN = originalSTAN
    }

    /// What the ledger is asked, the terminal being the one that signed on.
    public func command(of terminal: TerminalID) -> Command {
        .status(RequestKey(terminal: terminal, date: originalDate, stan: originalSTAN))
    }
}

/// Registrations, to be made all or none.
public struct OperatorApplyRequest: Sendable {
    /// What every request begins with; the STAN may be anything.
    public var header: RequestHeader
    /// What is to be registered.
    public var registrations: [Registration]
    /// Whether nothing shall be changed, only said what would be.
    public var isDryRun: Bool

    /// Creates a request of its parts.
    public init(header: RequestHeader, registrations: [Registration], isDryRun: Bool) {
        self.header = header
        self.registrations = registrations
        self.isDryRun = isDryRun
    }
}

/// One page of a question to the store.
public struct OperatorQueryRequest: Sendable {
    /// What every request begins with; the STAN may be anything.
    public var header: RequestHeader
    /// What is asked.
    public var question: StoreQuestion

    /// Creates a request of its parts.
    public init(header: RequestHeader, question: StoreQuestion) {
        self.header = header
        self.question = question
    }
}

/// A task for the daemon itself.
public struct OperatorMaintenanceRequest: Sendable, Hashable {
    /// What every request begins with; the STAN may be anything.
    public var header: RequestHeader
    /// What to do: `verify`, `backup` and the like; at most `textBytesMax` bytes.
    public var task: String
    /// On what: a path, for one; at most `textBytesMax` bytes.
    public var argument: String

    /// The longest task and argument.
    public static let textBytesMax = 4096

    /// Creates a request of its parts.
    public init(header: RequestHeader, task: String, argument: String) {
        self.header = header
        self.task = task
        self.argument = argument
    }
}
