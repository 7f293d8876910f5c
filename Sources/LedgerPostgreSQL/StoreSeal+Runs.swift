import Ledger

extension StoreSeal {
    /// Seals bytes for a place.
    func seal(_ bytes: [UInt8], place: UInt64) throws(StoreFault) -> [UInt8] {
        try bytes.withUnsafeBufferPointer { (bytes) throws(StoreFault) in
            try seal(UnsafeRawBufferPointer(bytes), place: place)
        }
    }

    /// Opens what was sealed for a place; a fault names whatever does not open.
    func open(
        _ sealed: [UInt8], place: UInt64, of name: @autoclosure () -> String
    ) throws(StoreFault) -> [UInt8] {
        let opened = try sealed.withUnsafeBufferPointer { (sealed) throws(StoreFault) in
            try open(UnsafeRawBufferPointer(sealed), place: place)
        }
        guard let opened else {
            throw .corrupt(
                "\(name()): it does not open under this site's keys: it was changed, or belongs "
                    + "to another site")
        }
        return opened
    }
}
