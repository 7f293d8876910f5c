/// Terminal master keys: AES-128 keys under which a terminal's session PIN keys travel.
public enum TerminalMasterKey {
    /// Bytes of a terminal master key, whatever the PIN algorithm.
    public static let bytes = 16

    /// A new random master key.
    public static func generate() throws(CardSecurityFault) -> SecretBytes {
        try SecretBytes.random(count: bytes)
    }

    /// The check value of a master key: always AES-CMAC.
    public static func checkValue(
        of key: SecretBytes
    ) throws(CardSecurityFault) -> KeyCheckValue {
        try KeyCheckValue(of: key, algorithm: .aes128)
    }

    /// Splits a master key into two or three components that XOR to it.
    ///
    /// Each alone tells nothing of the key; two or three people enter one each at the terminal.
    public static func components(
        of key: SecretBytes, count: ComponentCount
    ) throws(CardSecurityFault) -> [KeyComponent] {
        try check(key)
        var components: [KeyComponent] = []
        var rest = key
        for _ in 1..<count.rawValue {
            let part = try generate()
            components.append(try KeyComponent(part))
            rest = exclusiveOr(rest, part)
        }
        components.append(try KeyComponent(rest))
        return components
    }

    /// Joins two or three components.
    ///
    /// - Parameters:
    ///   - components: in any order.
    ///   - expected: the check value of the whole key, where it is known.
    /// - Returns: the key.
    /// - Throws: `checkValueDiffers`, or `lengthWrong` for another count of components.
    public static func combine(
        _ components: [KeyComponent], expecting expected: KeyCheckValue?
    ) throws(CardSecurityFault) -> SecretBytes {
        guard let first = components.first, (2...3).contains(components.count) else {
            throw .lengthWrong(
                of: "the list of components", bytes: components.count, expected: "2 or 3 entries")
        }
        let key = components.dropFirst().reduce(first.secret) { exclusiveOr($0, $1.secret) }
        if let expected, try checkValue(of: key) != expected {
            throw .checkValueDiffers(of: "the terminal master key")
        }
        return key
    }

    /// Writes a master key to a file, mode 0600: 32 hexadecimal digits and a line feed.
    public static func write(_ key: SecretBytes, to path: String) throws(CardSecurityFault) {
        try check(key)
        var text = key.withUnsafeBytes { Hexadecimal.digits(of: $0) }
        defer { Wiping.wipe(&text) }
        text.append(0x0a)
        try SystemCall.replace(path, with: text)
    }

    static func check(_ key: SecretBytes) throws(CardSecurityFault) {
        guard key.count == bytes else {
            throw .lengthWrong(of: "the terminal master key", bytes: key.count, expected: "16")
        }
    }

    private static func exclusiveOr(_ left: SecretBytes, _ right: SecretBytes) -> SecretBytes {
        SecretBytes(count: bytes) { result in
            left.withUnsafeBytes { left in
                right.withUnsafeBytes { right in
                    for position in 0..<bytes {
                        result[position] = left[position] ^ right[position]
                    }
                }
            }
        }
    }
}

/// Among how many people a master key is divided.
public enum ComponentCount: Int, Sendable, CaseIterable {
    /// Two people.
    case two = 2
    /// Three people.
    case three = 3
}

/// One person's part of a terminal master key.
public struct KeyComponent: Sendable {
    /// The check value of this component, printed with it to find a typing error.
    public let checkValue: KeyCheckValue
    let secret: SecretBytes

    init(_ secret: SecretBytes) throws(CardSecurityFault) {
        try TerminalMasterKey.check(secret)
        self.secret = secret
        checkValue = try TerminalMasterKey.checkValue(of: secret)
    }

    /// Reads 32 hexadecimal digits, blanks between them allowed, and proves the check value.
    public init(text: String, expecting expected: KeyCheckValue?) throws(CardSecurityFault) {
        let digits = text.utf8.filter { $0 != 0x20 }
        guard var bytes = Hexadecimal.bytes(of: digits) else {
            throw .notHexadecimal("the key component")
        }
        try self.init(SecretBytes(wiping: &bytes))
        guard expected == nil || expected == checkValue else {
            throw .checkValueDiffers(of: "the key component")
        }
    }

    /// Eight groups of four upper-case digits, to be printed once and kept by nobody here.
    public var clearText: String {
        secret.withUnsafeBytes { bytes in
            let digits = Array(Hexadecimal.text(of: bytes).uppercased())
            return stride(from: 0, to: digits.count, by: 4).map { start in
                String(digits[start..<(start + 4)])
            }.joined(separator: " ")
        }
    }
}

extension KeyComponent: CustomStringConvertible {
    /// The check value and nothing else.
    public var description: String { "key component with check value \(checkValue)" }
}
