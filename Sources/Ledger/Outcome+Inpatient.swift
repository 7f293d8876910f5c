import SettlementDomain

/// The answer to an admission, an upload or a cancellation.
public struct AdmissionAnswer: Sendable {
    /// The stay after it.
    public var admission: AdmissionRow
    /// The person's name, masked.
    public var nameMasked: String
    /// The number of the upload that was made or cancelled; nil where it was none.
    public var upload: UInt16?

    /// Creates an answer of its parts.
    public init(admission: AdmissionRow, nameMasked: String, upload: UInt16?) {
        self.admission = admission
        self.nameMasked = nameMasked
        self.upload = upload
    }
}

/// One page of what a stay consists of; one of the lists is filled.
public struct AdmissionDetailsAnswer: Sendable {
    /// A line with where it came from.
    public struct Line: Sendable, Hashable {
        /// The number of the upload that it came in.
        public var upload: UInt16
        /// The line; its trace codes are left out.
        public var line: BillLine

        /// Creates a line of its parts.
        public init(upload: UInt16, line: BillLine) {
            self.upload = upload
            self.line = line
        }
    }

    /// The stay.
    public var admission: AdmissionRow
    /// The person's name, masked.
    public var nameMasked: String
    /// Uploads, their lines left out of the answer.
    public var uploads: [FeeUploadRow] = []
    /// Lines of the uploads that stand.
    public var lines: [Line] = []
    /// Who pays what of each line.
    public var parts: [LinePart] = []
    /// Where the next page begins; nil: this was the last.
    public var next: Int?

    /// Creates an answer without rows.
    public init(admission: AdmissionRow, nameMasked: String) {
        self.admission = admission
        self.nameMasked = nameMasked
    }
}
