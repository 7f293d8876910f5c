import COpenSSL

/// The extensions of each kind of certificate; Protocol/Certificates.md, sections 2 and 3.
enum CertificateProfile {
    /// The authority: may sign certificates and lists, and no other authority.
    static let authority: [CertificateForm.Extension] = [
        .init(kind: NID_basic_constraints, value: "critical,CA:TRUE,pathlen:0"),
        .init(kind: NID_key_usage, value: "critical,keyCertSign,cRLSign"),
        .init(kind: NID_subject_key_identifier, value: "hash"),
    ]

    /// A server or a terminal, without its alternative names.
    static func endEntity(_ kind: IssuedRecord.Kind) -> [CertificateForm.Extension] {
        let usage =
            switch kind {
            case .server: "serverAuth"
            case .terminal: "clientAuth"
            }
        return [
            .init(kind: NID_basic_constraints, value: "critical,CA:FALSE"),
            .init(kind: NID_key_usage, value: "critical,digitalSignature"),
            .init(kind: NID_ext_key_usage, value: usage),
            .init(kind: NID_subject_key_identifier, value: "hash"),
            .init(kind: NID_authority_key_identifier, value: "keyid:always"),
        ]
    }

    /// The alternative names of a server; each name was checked, so none can smuggle in another.
    static func alternativeNames(_ names: [ServerName]) -> CertificateForm.Extension {
        let list = names.map { name in
            switch name {
            case .dns(let name): "DNS:\(name)"
            case .address(let address): "IP:\(address)"
            }
        }
        return .init(kind: NID_subject_alt_name, value: list.joined(separator: ","))
    }

    /// The alternative name of a terminal.
    static func alternativeName(_ terminal: TerminalSubject) -> CertificateForm.Extension {
        .init(kind: NID_subject_alt_name, value: "URI:\(terminal.uri)")
    }
}
