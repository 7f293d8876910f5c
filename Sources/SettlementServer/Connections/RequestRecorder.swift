import Ledger

/// Writes down the requests that terminals make, for a later replay as a workload.
///
/// The implementation replaces card data before it writes. It is called on event loops and must
/// not block.
public protocol RequestRecorder: Sendable {
    /// Takes a request that a terminal made for the ledger.
    ///
    /// - Parameters:
    ///   - request: the request; its PIN proof tells only whether there was a PIN block.
    ///   - reference: reference data of now: roles and catalogs.
    ///   - microseconds: when it came, on a clock that never goes back.
    func record(_ request: LedgerRequest, reference: Reference, at microseconds: Int64)

    /// Writes what is not written yet; nothing is recorded afterwards.
    func finish()
}
