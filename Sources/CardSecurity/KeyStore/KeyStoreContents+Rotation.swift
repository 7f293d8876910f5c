/// A terminal's master key, changed while the terminal works.
extension KeyStoreContents {
    /// The terminals for which a next master key waits, in order.
    public var terminalsWithNextKey: [String] { nextMasterKeys.keys.sorted() }

    /// Makes a new random master key for a terminal, beside the one that it has.
    ///
    /// The terminal signs on under either, until it does so under the new one; a next key that was
    /// made before and never used is void.
    ///
    /// - Returns: the key, to be shown or injected once.
    /// - Throws: `terminalUnknown`, or `library`.
    public mutating func addMasterKey(
        terminal: String, created: Int64
    ) throws(CardSecurityFault) -> SecretBytes {
        let old = try TerminalMasterKey.checkValue(of: masterKey(of: terminal))
        var key = try TerminalMasterKey.generate()
        // The check value tells a terminal's two keys apart.
        while try TerminalMasterKey.checkValue(of: key) == old {
            key = try TerminalMasterKey.generate()
        }
        nextMasterKeys[terminal] = MasterKey(created: created, secret: key)
        return key
    }

    /// Puts the next master key in the place of the old one, which is void from then on.
    ///
    /// - Returns: whether there was a next key.
    @discardableResult
    public mutating func takeOverMasterKey(terminal: String) -> Bool {
        guard let next = nextMasterKeys.removeValue(forKey: terminal) else { return false }
        masterKeys[terminal] = next
        return true
    }

    /// The key that a terminal says it holds, and whether that is the next one.
    ///
    /// - Parameters:
    ///   - terminal: whose key.
    ///   - checkValue: of the key that the terminal holds; nil where it does not say: the old key.
    /// - Returns: the key.
    /// - Throws: `terminalUnknown`, `masterKeyDiffers`, or `library`.
    func masterKey(
        of terminal: String, checkValue: KeyCheckValue?
    ) throws(CardSecurityFault) -> (key: SecretBytes, isNext: Bool) {
        let key = try masterKey(of: terminal)
        guard let checkValue else { return (key, false) }
        if try TerminalMasterKey.checkValue(of: key) == checkValue { return (key, false) }
        if let next = nextMasterKeys[terminal]?.secret,
            try TerminalMasterKey.checkValue(of: next) == checkValue
        {
            return (next, true)
        }
        throw .masterKeyDiffers(terminal)
    }
}
