import SettlementDomain

extension AdmissionID: Journaled {
    /// Appends the key that it is made of.
    public func write(to writer: inout ByteWriter) {
        key.write(to: &writer)
    }

    /// Reads the key that it is made of.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(try RequestKey(from: &reader))
    }
}

extension AdmissionRow: Journaled {
    /// Appends the stay.
    public func write(to writer: inout ByteWriter) {
        id.write(to: &writer)
        writer.choice(state)
        person.write(to: &writer)
        institution.write(to: &writer)
        admittedOn.write(to: &writer)
        writer.optionalValue(diagnosis)
        writer.unsigned(UInt64(uploads))
        writer.unsigned(UInt64(lineCount))
        total.write(to: &writer)
        writer.unsigned(UInt64(revision))
        writer.optionalValue(settlement)
    }

    /// Reads a stay.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            id: try AdmissionID(from: &reader), state: try reader.choice(),
            person: try PersonID(from: &reader), institution: try InstitutionID(from: &reader),
            admittedOn: try CivilDate(from: &reader), diagnosis: try reader.optionalValue(),
            uploads: try reader.integer(), lineCount: try reader.integer(),
            total: try Money(from: &reader), revision: try reader.integer(),
            settlement: try reader.optionalValue())
    }
}

extension FeeUploadRow: Journaled {
    /// Appends the upload with its lines.
    public func write(to writer: inout ByteWriter) {
        key.admission.write(to: &writer)
        writer.unsigned(UInt64(key.number))
        request.write(to: &writer)
        day.write(to: &writer)
        writer.values(lines)
        total.write(to: &writer)
        writer.flag(isCancelled)
    }

    /// Reads an upload.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        let key = FeeUploadKey(
            admission: try AdmissionID(from: &reader), number: try reader.integer())
        self.init(
            key: key, request: try RequestKey(from: &reader), day: try CivilDate(from: &reader),
            lines: try reader.values(), total: try Money(from: &reader),
            isCancelled: try reader.flag())
    }
}

extension OpenStaysRow: Journaled {
    /// Appends person and stays.
    public func write(to writer: inout ByteWriter) {
        person.write(to: &writer)
        writer.values(open)
    }

    /// Reads person and stays.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(person: try PersonID(from: &reader), open: try reader.values())
    }
}

extension SettledStay: Journaled {
    /// Appends stay, first day and revision.
    public func write(to writer: inout ByteWriter) {
        admission.write(to: &writer)
        admittedOn.write(to: &writer)
        writer.unsigned(UInt64(revision))
    }

    /// Reads stay, first day and revision.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            admission: try AdmissionID(from: &reader), admittedOn: try CivilDate(from: &reader),
            revision: try reader.integer())
    }
}
