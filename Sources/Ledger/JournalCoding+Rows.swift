import SettlementDomain

extension RowChange: Journaled {
    /// Appends the case's tag and the row.
    public func write(to writer: inout ByteWriter) {
        switch self {
        case .card(let row): writer.tagged(1, row)
        case .person(let row): writer.tagged(2, row)
        case .account(let row): writer.tagged(3, row)
        case .accumulator(let row): writer.tagged(4, row)
        case .usage(let row): writer.tagged(6, row)
        case .family(let row): writer.tagged(7, row)
        case .credit(let row): writer.tagged(8, row)
        case .settlement(let row): writer.tagged(9, row)
        case .institution(let row): writer.tagged(10, row)
        case .terminal(let row): writer.tagged(11, row)
        case .catalog(let row): writer.tagged(12, row)
        case .policy(let row): writer.tagged(13, row)
        case .businessDate(let date): writer.tagged(14, date)
        case .tombstone(let row): writer.tagged(15, row)
        case .clearing(let row): writer.tagged(16, row)
        case .access(let row): writer.tagged(17, row)
        case .owner(let row): writer.tagged(18, row)
        case .contribution(let row): writer.tagged(19, row)
        case .declarationLine(let row): writer.tagged(20, row)
        case .traceCode(let row): writer.tagged(21, row)
        case .admission(let row): writer.tagged(30, row)
        case .feeUpload(let row): writer.tagged(31, row)
        case .openStays(let row): writer.tagged(32, row)
        case .claim(let row): writer.tagged(40, row)
        case .bill(let row): writer.tagged(41, row)
        }
    }

    /// Reads a tag and its row.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        let offset = reader.offset
        switch try reader.byte() {
        case 1: self = .card(try CardRow(from: &reader))
        case 2: self = .person(try PersonRow(from: &reader))
        case 3: self = .account(try AccountRow(from: &reader))
        case 4: self = .accumulator(try AccumulatorRow(from: &reader))
        case 6: self = .usage(try UsageRow(from: &reader))
        case 7: self = .family(try FamilyRow(from: &reader))
        case 8: self = .credit(try CreditRow(from: &reader))
        case 9: self = .settlement(try SettlementRow(from: &reader))
        case 10: self = .institution(try InstitutionRow(from: &reader))
        case 11: self = .terminal(try TerminalRow(from: &reader))
        case 12: self = .catalog(try CatalogRow(from: &reader))
        case 13: self = .policy(try PolicyRow(from: &reader))
        case 14: self = .businessDate(try CivilDate(from: &reader))
        case 15: self = .tombstone(try TombstoneRow(from: &reader))
        case 16: self = .clearing(try ClearingRow(from: &reader))
        case 17: self = .access(try AccessRow(from: &reader))
        case 18: self = .owner(try OwnerRow(from: &reader))
        case 19: self = .contribution(try ContributionRow(from: &reader))
        case 20: self = .declarationLine(try DeclarationLineRow(from: &reader))
        case 21: self = .traceCode(try TraceCodeRow(from: &reader))
        case 30: self = .admission(try AdmissionRow(from: &reader))
        case 31: self = .feeUpload(try FeeUploadRow(from: &reader))
        case 32: self = .openStays(try OpenStaysRow(from: &reader))
        case 40: self = .claim(try ClaimRow(from: &reader))
        case 41: self = .bill(try BillRow(from: &reader))
        default:
            throw CodingFault(offset: offset, expected: "a row's tag: 1 to 20, 30 to 32, 40, 41")
        }
    }
}

extension ByteWriter {
    mutating func tagged(_ tag: UInt8, _ value: some Journaled) {
        byte(tag)
        value.write(to: &self)
    }
}

extension PINVerification: Journaled {
    /// Appends the key's number and 16 bytes.
    public func write(to writer: inout ByteWriter) {
        writer.unsigned(UInt64(keyID))
        writer.word(high)
        writer.word(low)
    }

    /// Reads the key's number and 16 bytes.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(keyID: try reader.integer(), high: try reader.word(), low: try reader.word())
    }
}

extension CardRow: Journaled {
    /// Appends the card.
    public func write(to writer: inout ByteWriter) {
        number.write(to: &writer)
        person.write(to: &writer)
        writer.choice(state)
        expires.write(to: &writer)
        writer.optionalValue(verification)
        writer.byte(triesFailed)
    }

    /// Reads a card.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            number: try CardNumber(from: &reader), person: try PersonID(from: &reader),
            state: try reader.choice(), expires: try CivilDate(from: &reader),
            verification: try reader.optionalValue(), triesFailed: try reader.byte())
    }
}

extension Person: Journaled {
    /// Appends what sorting and splitting need.
    public func write(to writer: inout ByteWriter) {
        id.write(to: &writer)
        writer.choice(sex)
        birthDate.write(to: &writer)
        writer.choice(insuranceType)
        writer.choice(category)
        region.write(to: &writer)
        writer.choice(coverage)
        writer.values(plans)
        writer.flag(hasAccount)
        writer.values(chronicDiseases)
    }

    /// Reads what sorting and splitting need.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            id: try PersonID(from: &reader), sex: try reader.choice(),
            birthDate: try CivilDate(from: &reader), insuranceType: try reader.choice(),
            category: try reader.choice(), region: try RegionCode(from: &reader),
            coverage: try reader.choice(), plans: try reader.values(),
            hasAccount: try reader.flag(), chronicDiseases: try reader.values())
    }
}

extension ChronicDisease: Journaled {
    /// Appends code, first and last day.
    public func write(to writer: inout ByteWriter) {
        code.write(to: &writer)
        from.write(to: &writer)
        writer.optionalValue(until)
    }

    /// Reads code, first and last day.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            code: try DiseaseCode(from: &reader), from: try CivilDate(from: &reader),
            until: try reader.optionalValue())
    }
}

extension PersonRow: Journaled {
    /// Appends the person.
    public func write(to writer: inout ByteWriter) {
        person.write(to: &writer)
        writer.string(name)
        idNumber.write(to: &writer)
        writer.flag(frozen)
        standing.write(to: &writer)
    }

    /// Reads a person.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            person: try Person(from: &reader), name: try reader.string(),
            idNumber: try IDNumber(from: &reader), frozen: try reader.flag(),
            standing: try ContributionStanding(from: &reader))
    }
}

extension AccountRow: Journaled {
    /// Appends the account.
    public func write(to writer: inout ByteWriter) {
        person.write(to: &writer)
        balance.write(to: &writer)
        writer.unsigned(entries)
        writer.digest(head)
    }

    /// Reads an account.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            person: try PersonID(from: &reader), balance: try Money(from: &reader),
            entries: try reader.unsigned(), head: try reader.digest())
    }
}

extension PlanShare: Journaled {
    /// Appends plan and amount.
    public func write(to writer: inout ByteWriter) {
        plan.write(to: &writer)
        amount.write(to: &writer)
    }

    /// Reads plan and amount.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(plan: try PlanID(from: &reader), amount: try Money(from: &reader))
    }
}

extension Accumulators: Journaled {
    /// Appends the amounts and each plan's.
    public func write(to writer: inout ByteWriter) {
        deductibleUsed.write(to: &writer)
        pooledUsed.write(to: &writer)
        largeUsed.write(to: &writer)
        writer.values(planUsed)
        writer.unsigned(UInt64(stays))
    }

    /// Reads the amounts and each plan's.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            deductibleUsed: try Money(from: &reader), pooledUsed: try Money(from: &reader),
            largeUsed: try Money(from: &reader), planUsed: try reader.values(),
            stays: try reader.integer())
    }
}

extension AccumulatorRow: Journaled {
    /// Appends key and amounts.
    public func write(to writer: inout ByteWriter) {
        key.person.write(to: &writer)
        writer.unsigned(UInt64(key.year))
        writer.choice(key.category)
        used.write(to: &writer)
    }

    /// Reads key and amounts.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        let key = AccumulatorKey(
            person: try PersonID(from: &reader), year: try reader.integer(),
            category: try reader.choice())
        self.init(key: key, used: try Accumulators(from: &reader))
    }
}

extension TraceCodeRow: Journaled {
    /// Appends the code and how often it is taken.
    public func write(to writer: inout ByteWriter) {
        code.write(to: &writer)
        writer.unsigned(UInt64(takings))
    }

    /// Reads the code and how often it is taken.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(code: try TraceCode(from: &reader), takings: try reader.integer())
    }
}

extension UsageRecord: Journaled {
    /// Appends day, quantity and days.
    public func write(to writer: inout ByteWriter) {
        date.write(to: &writer)
        quantity.write(to: &writer)
        writer.signed(days)
    }

    /// Reads day, quantity and days.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            date: try CivilDate(from: &reader), quantity: try Quantity(from: &reader),
            days: try reader.signed())
    }
}

extension UsageHistory: Journaled {
    /// Appends the records, oldest first.
    public func write(to writer: inout ByteWriter) {
        writer.values(records)
    }

    /// Reads records; another order than that of their days is a fault.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        let records: [UsageRecord] = try reader.values()
        let history = UsageHistory(records)
        self = try reader.checked(
            history.records == records ? history : nil, "uses in the order of their days")
    }
}

extension UsageRow: Journaled {
    /// Appends key and history.
    public func write(to writer: inout ByteWriter) {
        key.person.write(to: &writer)
        key.code.write(to: &writer)
        history.write(to: &writer)
    }

    /// Reads key and history.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        let key = UsageKey(
            person: try PersonID(from: &reader), code: try ItemCode(from: &reader))
        self.init(key: key, history: try UsageHistory(from: &reader))
    }
}

extension FamilyLink: Journaled {
    /// Appends the link.
    public func write(to writer: inout ByteWriter) {
        owner.write(to: &writer)
        writer.choice(relationship)
        writer.optionalValue(yearlyLimit)
        writer.optionalValue(dailyLimit)
        writer.unsigned(UInt64(usedYear))
        used.write(to: &writer)
        writer.optionalValue(usedDay)
        usedToday.write(to: &writer)
    }

    /// Reads a link.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            owner: try PersonID(from: &reader), relationship: try reader.choice(),
            yearlyLimit: try reader.optionalValue(), dailyLimit: try reader.optionalValue(),
            usedYear: try reader.integer(), used: try Money(from: &reader),
            usedDay: try reader.optionalValue(), usedToday: try Money(from: &reader))
    }
}

extension FamilyRow: Journaled {
    /// Appends the member and the links.
    public func write(to writer: inout ByteWriter) {
        member.write(to: &writer)
        writer.values(links)
    }

    /// Reads the member and the links.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(member: try PersonID(from: &reader), links: try reader.values())
    }
}

extension OwnerRow: Journaled {
    /// Appends the owner and the members.
    public func write(to writer: inout ByteWriter) {
        owner.write(to: &writer)
        writer.values(members)
    }

    /// Reads the owner and the members.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(owner: try PersonID(from: &reader), members: try reader.values())
    }
}

extension CreditRow: Journaled {
    /// Appends the credit.
    public func write(to writer: inout ByteWriter) {
        key.person.write(to: &writer)
        writer.string(key.reference)
        amount.write(to: &writer)
        writer.string(collector)
    }

    /// Reads a credit.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        let key = CreditKey(
            person: try PersonID(from: &reader), reference: try reader.string())
        self.init(
            key: key, amount: try Money(from: &reader), collector: try reader.string())
    }
}
