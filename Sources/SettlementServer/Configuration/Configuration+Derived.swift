import CardSecurity
import TLSChannel

extension Configuration {
    /// The application protocol of this version, offered and demanded by ALPN.
    static let applicationProtocol = "settle/1"

    /// The listener's TLS.
    public var tlsConfiguration: TLSConfiguration {
        var result = TLSConfiguration(
            role: .server,
            identity: TLSConfiguration.Identity(
                certificateChainPath: tls.certificate, privateKeyPath: tls.key),
            trustAnchorsPath: tls.trust, revocationListPath: tls.revocation,
            applicationProtocols: [Self.applicationProtocol])
        result.minimumVersion = tls.minimumVersion == .tls13 ? .tls13 : .tls12
        return result
    }

    /// Reads and checks certificates, key and revocation list, as the daemon does at start.
    ///
    /// - Throws: `TLSFault`, which names the file.
    public func checkCertificates() throws(TLSFault) {
        _ = try TLSContext(tlsConfiguration)
    }

    /// Where the daemon listens, as `key=value` words on one line.
    func readyLine(port: Int, metricsPort: Int?) -> String {
        var words = [
            "ready", "address=\(listen.address)", "port=\(port)", "operator=\(operatorSocket)",
            "store=\(store.name)",
        ]
        if let metrics, let metricsPort {
            words.append("metrics=\(metrics.address):\(metricsPort)")
        }
        return words.joined(separator: " ")
    }

    /// Writes the ready line to the ready file, if there is to be one; whole or not at all.
    ///
    /// - Throws: `ConfigurationFault` where it cannot be written.
    public func writeReadyFile(_ line: String) throws(ConfigurationFault) {
        guard let readyFile, !FileText.replace(path: readyFile, with: line + "\n") else { return }
        throw ConfigurationFault(problems: [
            "ready_file: \(readyFile) cannot be written: \(FileText.lastError)"
        ])
    }
}

extension Configuration {
    /// Takes the ready file away: a daemon that is starting, or has stopped, is not ready.
    public func removeReadyFile() {
        if let readyFile { FileText.remove(path: readyFile) }
    }
}

extension Configuration.Keys {
    /// What opens the key store; its file is read whenever it is needed, and not kept.
    public var source: KeyEncryptionSource {
        switch seal {
        case .keyFile(let path): .keyFile(path: path)
        case .credential(let name): .credential(name: name)
        case .passphraseFile(let path): .passphraseFile(path: path)
        }
    }
}

extension Limits {
    var wrongPINs: WrongPINs.Bounds {
        WrongPINs.Bounds(
            terminalMax: wrongPINsPerTerminalMax, gatewayMax: wrongPINsPerGatewayMax,
            institutionMax: wrongPINsPerInstitutionMax,
            windowMillis: Int64(wrongPINsSeconds) * 1_000)
    }

    var queueBounds: CommitQueue.Bounds {
        CommitQueue.Bounds(requestsMax: queueRequestsMax, bytesMax: queueBytesMax)
    }
}

extension Configuration.Store {
    /// What the ready line calls it; a connection string may hold what nobody should read.
    fileprivate var name: String {
        switch self {
        case .sqlite(let path): "sqlite:\(path)"
        case .postgresql(let database): "postgresql:lanes:\(database.lanes)"
        }
    }
}
