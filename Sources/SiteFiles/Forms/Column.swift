/// A column that a form knows.
struct Column: Sendable {
    /// Its place among the form's columns, from 0.
    let index: Int
    /// Its name in the header line.
    let name: String
    /// Whether the file must have it.
    let isRequired: Bool
    /// Whether its text must not be repeated in errors.
    let isPrivate: Bool

    init(_ index: Int, _ name: String, required: Required, text: Text = .open) {
        self.index = index
        self.name = name
        isRequired = required == .always
        isPrivate = text == .secret
    }

    enum Required { case always, whereKnown }
    enum Text { case open, secret }
}
