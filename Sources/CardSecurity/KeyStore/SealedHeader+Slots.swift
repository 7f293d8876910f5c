extension SealedHeader.Slot {
    /// A way in for one more key-encryption key.
    static func new(
        for contentKey: SecretBytes, under source: KeyEncryptionSource, _ cost: ScryptCost
    ) throws(CardSecurityFault) -> SealedHeader.Slot {
        let none = ScryptCost(logN: 0, blockSize: 0, parallelization: 0)
        var slot = SealedHeader.Slot(
            kind: source.kind, cost: source.kind == .passphrase ? cost : none,
            salt: try SecureRandom.bytes(16), wrappedKey: [])
        slot.wrappedKey = try KeyWrap.wrap(contentKey, under: try source.key(for: slot))
        return slot
    }
}

extension SealedHeader {
    /// The slot that a key-encryption key opens, and the contents' key in it.
    ///
    /// - Throws: `sourceDiffers` where none is of its kind, `cannotUnseal` where it opens none.
    func slot(
        openedBy source: KeyEncryptionSource, path: String
    ) throws(CardSecurityFault) -> (index: Int, contentKey: SecretBytes) {
        let candidates = slots.indices.filter { slots[$0].kind == source.kind }
        guard !candidates.isEmpty else {
            throw .sourceDiffers(path: path, needs: slots[0].kind.name)
        }
        for index in candidates {
            let key = try source.key(for: slots[index])
            if version == 1 { return (index, key) }
            if let contentKey = try? KeyWrap.unwrap(slots[index].wrappedKey, under: key) {
                return (index, contentKey)
            }
        }
        throw .cannotUnseal(path: path)
    }
}
