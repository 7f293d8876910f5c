import Ledger

extension RequestKind {
    /// Whether this version answers it; the others are numbered for later ones and get code 40.
    ///
    /// - Source: Protocol/Frames.md, "Kinds".
    public var isServed: Bool {
        switch self {
        case .retireeCredit, .annualInterest, .proxyQuery: false
        default: true
        }
    }

    /// The kind byte of its response.
    public var responseKind: UInt8 { rawValue | Frame.responseBit }
}
