import Ledger
import SettlementDomain

extension DeclarationLineRow: Projected {
    static var table: String { "declaration_line" }
    static var keyColumns: [String] { ["institution", "declaration", "line"] }
    static var columns: [String] { ["content", "code", "reason", "detail"] }

    static func bind(_ key: DeclarationLineKey, to binder: inout ColumnBinder) {
        binder.text(key.institution.text)
        binder.text(key.declaration)
        binder.integer(key.line)
    }

    func bind(to binder: inout ColumnBinder) {
        Self.bind(key, to: &binder)
        binder.integer(Int64(bitPattern: content))
        binder.choice(code)
        binder.choice(reason)
        binder.text(detail)
    }

    init(from reader: inout ColumnReader) throws {
        let key = DeclarationLineKey(
            institution: try reader.checked(InstitutionID(reader.text()), "institution"),
            declaration: reader.text(), line: try reader.number("line"))
        self.init(
            key: key, content: reader.unsigned(), code: try reader.choice("code"),
            reason: try reader.choice("reason"), detail: reader.text())
    }

    static func position(of key: DeclarationLineKey) -> TreePosition {
        TreePosition(TreePosition(key.institution.text).high, UInt64(key.line))
    }
}
