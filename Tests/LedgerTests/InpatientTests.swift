import Ledger
import SettlementDomain
import Testing

@Suite("Inpatient: admission, fees, discharge")
struct InpatientTests {
    @Test("several uploads are settled by one discharge, in the order of their days")
    func oneBill() throws {
        var town = Town()
        let stay = town.admit(on: Town.date(20_261_120))
        town.upload(stay, [30_000, 5_000], on: Town.today)
        town.upload(stay, [15_000], on: Town.date(20_261_121))
        let paid = try #require(town.discharge(stay, 50_000).settled)
        #expect(paid.split.total.fen == 50_000)
        #expect(paid.split.deductible.fen == 10_000 && paid.split.pooled.fen == 28_000)
        #expect(paid.stay == SettlementAnswer.Stay(admission: stay, lines: 3))
        let row = try #require(paid.id.flatMap { town.rows.settlements[$0] })
        #expect(row.lines.map(\.amount.fen) == [15_000, 30_000, 5_000])
        #expect(row.lines.first?.day == Town.date(20_261_121))
        #expect(town.rows.admissions[stay]?.state == .discharged)
        #expect(town.rows.entries.last?.dayRow?.kind == .settle)
    }

    @Test("a retried upload is kept once; its retry gets the same bytes")
    func retry() {
        var town = Town()
        let stay = town.admit()
        let key = Town.key(800)
        let first = town.decide(.inpatient(.upload(Town.fees(stay, [100]))), key: key)
        let again = town.decide(.inpatient(.upload(Town.fees(stay, [100]))), key: key)
        #expect(again.replayed && again.response == first.response)
        #expect(town.rows.admissions[stay]?.total.fen == 100)
        #expect(town.rows.admissions[stay]?.uploads == 1)
    }

    @Test("an upload can be cancelled before the discharge, once, and is not settled")
    func cancel() throws {
        var town = Town()
        let stay = town.admit()
        town.upload(stay, [100])
        town.upload(stay, [250, 50])
        func cancel(_ number: UInt16?) -> Outcome {
            town.decide(.inpatient(.cancel(stay, upload: number)), at: Town.hospital)
        }
        #expect(cancel(nil).reason == .feesUploaded)
        #expect(cancel(2).code == .approved)
        #expect(cancel(2).code == .alreadyUndone)
        #expect(cancel(3).reason == .uploadUnknown)
        let refused = town.discharge(stay, 400)
        #expect(refused.code == .invalidAmount && refused.reason == .totalDiffers)
        #expect(town.discharge(stay, 100).settled?.split.total.fen == 100)
        #expect(cancel(1).reason == .admissionClosed)
        #expect(town.upload(stay, [1]).reason == .admissionClosed)
    }

    @Test("a person has one open stay; a cancelled or settled one makes room for the next")
    func oneOpenStay() {
        var town = Town()
        let stay = town.admit()
        let second = town.decide(.inpatient(.admit(Town.admission())), at: Town.hospital)
        #expect(second.code == .invalidTransaction && second.reason == .admissionOpen)
        #expect(second.detail.contains(stay.description))
        let cancelled = town.decide(.inpatient(.cancel(stay, upload: nil)), at: Town.hospital)
        #expect(cancelled.code == .approved)
        let next = town.admit()
        town.upload(next, [100])
        #expect(town.discharge(next, 100).code == .approved)
        _ = town.admit()
    }

    @Test("the refusals of uploads and discharges name field and reason")
    func refusals() {
        var town = Town()
        let stay = town.admit(on: Town.date(20_261_120))
        #expect(town.discharge(stay, 0).reason == .nothingUploaded)
        #expect(town.upload(stay, [1], on: Town.date(20_261_119)).reason == .serviceDateInvalid)
        #expect(town.upload(stay, [1], on: Town.date(20_261_124)).detail.contains("fee_date"))
        #expect(town.upload(stay, []).reason == .linesOutOfRange)
        #expect(town.upload(AdmissionID(Town.key(77)), [1]).reason == .admissionUnknown)
        var wrong = Town.fees(stay, [100])
        wrong.total = Money(fen: 99)
        let sum = town.decide(.inpatient(.upload(wrong)), at: Town.hospital)
        #expect(sum.reason == .totalDiffers)
        let elsewhere = town.decide(
            .inpatient(.upload(Town.fees(stay, [100]))), at: Town.vaccination)
        #expect(elsewhere.reason == .otherInstitution)
        #expect(town.upload(stay, [100]).code == .approved)
        let early = town.discharge(stay, 100, on: Town.date(20_261_122))
        #expect(early.reason == .serviceDateInvalid && early.detail.contains("discharged_on"))
        #expect(town.rows.settlements.isEmpty)
    }

    @Test("a void or reversal of the discharge leaves the fees uploaded, to be settled again")
    func restored() throws {
        var town = Town()
        let stay = town.admit()
        town.upload(stay, [60_000])
        let before = town.books
        let id = try #require(town.discharge(stay, 60_000).settled?.id)
        #expect(town.void(id, fen: 60_000).code == .approved)
        #expect(town.rows.admissions[stay]?.state == .open)
        #expect(town.rows.openStays[Town.person]?.open == [stay])
        #expect(town.books == before)
        town.upload(stay, [5_000])
        let again = try #require(town.discharge(stay, 65_000).settled?.id)
        let reversed = town.reverse(again.key, fen: 65_000)
        #expect(reversed.code == .approved && town.books == before)
        #expect(town.rows.admissions[stay]?.settlement == nil)
        #expect(town.discharge(stay, 65_000).settled?.split.total.fen == 65_000)
    }

    @Test("a void whose reversal comes after new fees or a new discharge stays a void")
    func voidReversed() throws {
        var town = Town()
        let stay = town.admit()
        town.upload(stay, [60_000])
        let id = try #require(town.discharge(stay, 60_000).settled?.id)
        #expect(town.void(id, fen: 60_000).code == .approved)
        let void = Town.key(town.stan)
        let back = town.reverse(void, fen: 60_000)
        #expect(back.code == .approved && town.rows.admissions[stay]?.settlement == id)
        #expect(town.void(id, fen: 60_000).code == .approved)
        let second = Town.key(town.stan)
        town.upload(stay, [1])
        let late = town.reverse(second, fen: 60_000)
        #expect(late.code == .noActionTaken && late.reason == .furtherActivity)
        #expect(town.rows.admissions[stay]?.state == .open)
    }

    @Test("a refund of a settled stay gives back lines; the stay stays settled")
    func refund() throws {
        var town = Town()
        let stay = town.admit()
        town.upload(stay, [20_000, 30_000])
        let id = try #require(town.discharge(stay, 50_000).settled?.id)
        let refund = town.refund(id, [(line: 1, units: nil)])
        #expect(refund.undone?.givenBack.total.fen == 30_000)
        #expect(refund.undone?.remaining?.parts.isEmpty == true)
        #expect(town.rows.admissions[stay]?.state == .discharged)
        #expect(town.used(2026, .inpatient).pooledUsed.fen == 7_000)
        #expect(town.used(2026, .inpatient).stays == 1)
        _ = town.refund(id, [(line: 0, units: nil)])
        #expect(town.used(2026, .inpatient) == Accumulators())
    }

    @Test("a card that is lost between admission and discharge: another card of the person settles")
    func cardLost() throws {
        var town = Town()
        let stay = town.admit()
        town.register([town.cardRow(Town.card, .lost)])
        #expect(town.upload(stay, [100]).code == .approved)
        #expect(town.discharge(stay, 100).code == .cardLost)
        let fresh = Town.card("622848000000091")
        town.register([town.cardRow(fresh, .active)])
        #expect(town.discharge(stay, 100, card: fresh).code == .approved)
    }

    @Test("a stay is not settled by another person's card")
    func otherPerson() {
        var town = Town()
        let stay = town.admit()
        town.upload(stay, [100])
        let other = Town.card("622848000000055")
        town.register([town.cardRow(other, .active, of: Town.owner)])
        let outcome = town.discharge(stay, 100, card: other)
        #expect(outcome.code == .originalDataDiffers && outcome.reason == .dataDiffers)
        #expect(town.rows.admissions[stay]?.state == .open)
    }

    @Test("course and frequency limits look at the day of each fee, not at the discharge")
    func limitsByDay() throws {
        var town = Town()
        let stay = town.admit(on: Town.date(20_261_101))
        // Two in seven days: two on the 1st, one too many on the 3rd, two again on the 8th.
        town.upload(stay, [100], Town.limited, units: 2, on: Town.date(20_261_101))
        town.upload(stay, [100], Town.limited, units: 1, on: Town.date(20_261_103))
        town.upload(stay, [100], Town.limited, units: 2, on: Town.date(20_261_108))
        let split = try #require(town.discharge(stay, 500).settled?.split)
        #expect(split.inScope.fen == 400 && split.fullSelfPay.fen == 100)
        let key = UsageKey(person: Town.person, code: Town.limited)
        let days = town.rows.usages[key]?.history.records.map(\.date)
        #expect(days == [Town.date(20_261_101), Town.date(20_261_108)])
        let id = try #require(town.rows.admissions[stay]?.settlement)
        #expect(town.void(id, fen: 500).code == .approved)
        #expect(town.rows.usages[key]?.history.records.isEmpty == true)
    }

    @Test("thousands of lines are settled at once and read back page by page")
    func thousands() throws {
        var town = Town()
        let stay = town.admit()
        for _ in 0..<30 { town.upload(stay, [Int64](repeating: 150, count: 200)) }
        let paid = try #require(town.discharge(stay, 900_000).settled)
        #expect(paid.stay?.lines == 6_000)
        for view in [AdmissionView.lines, .parts] {
            var count = 0
            var sum = Money.zero
            var from: Int? = 0
            while let start = from {
                let answer = town.details(stay, view, from: start)
                let page = try #require(answer)
                #expect(page.lines.count + page.parts.count <= AdmissionView.rowsMax)
                count += page.lines.count + page.parts.count
                for line in page.lines { sum += line.line.amount }
                for part in page.parts { sum += part.amount }
                from = page.next
            }
            #expect(count == 6_000 && sum.fen == 900_000)
        }
        let uploads = town.details(stay, .uploads, from: 0)?.uploads
        #expect(uploads?.count == 30)
    }

    @Test("a stay over the turn of the year counts in the year of its discharge")
    func turnOfTheYear() throws {
        var town = Town()
        town.register([.policy(Town.policy(from: Town.date(20_261_001)))])
        let stay = town.admit()
        town.upload(stay, [40_000])
        town.close(until: Town.date(20_270_105))
        let paid = town.discharge(stay, 40_000, on: Town.date(20_270_104))
        #expect(paid.settled?.accumulator?.key.year == 2027)
        #expect(town.used(2026, .inpatient) == Accumulators())
        #expect(town.used(2027, .inpatient).stays == 1)
    }
}

extension Town {
    static func admission(on day: CivilDate? = nil) -> AdmitCommand {
        AdmitCommand(
            card: card, proof: .value(pin), admittedOn: day, diagnosis: nil)
    }

    static func fees(
        _ stay: AdmissionID, _ fen: [Int64], _ code: ItemCode = medicine, units: Int64 = 1,
        on day: CivilDate? = nil
    ) -> FeeUploadCommand {
        let bill = bill(fen.map { Item(code: code, units: units, fen: $0) })
        return FeeUploadCommand(
            admission: stay, day: day, total: bill.total, catalogVersion: nil, lines: bill.lines)
    }

    /// Begins a stay that must be approved.
    mutating func admit(on day: CivilDate? = nil) -> AdmissionID {
        let outcome = decide(.inpatient(.admit(Town.admission(on: day))), at: Town.hospital)
        guard case .admission(let answer) = outcome.payload else {
            preconditionFailure("\(outcome.reason) \(outcome.detail)")
        }
        return answer.admission.id
    }

    @discardableResult
    mutating func upload(
        _ stay: AdmissionID, _ fen: [Int64], _ code: ItemCode = medicine, units: Int64 = 1,
        on day: CivilDate? = nil
    ) -> Outcome {
        decide(
            .inpatient(.upload(Town.fees(stay, fen, code, units: units, on: day))),
            at: Town.hospital, on: rows.reference.businessDate)
    }

    mutating func discharge(
        _ stay: AdmissionID, _ fen: Int64, on day: CivilDate? = nil, card: CardNumber = card
    ) -> Outcome {
        decide(
            .inpatient(
                .discharge(
                    DischargeCommand(
                        admission: stay, card: card, proof: .value(Town.pin),
                        dischargedOn: day, total: Money(fen: fen), partialAllowed: true),
                    debits: true)), at: Town.hospital, on: rows.reference.businessDate)
    }

    mutating func details(
        _ stay: AdmissionID, _ view: AdmissionView, from: Int
    ) -> AdmissionDetailsAnswer? {
        let outcome = decide(.inpatient(.details(stay, view, from: from)), at: Town.hospital)
        guard case .admissionDetails(let answer) = outcome.payload else { return nil }
        return answer
    }

    func cardRow(
        _ number: CardNumber, _ state: CardRow.State, of person: PersonID = person
    ) -> Registration {
        .card(
            CardRow(
                number: number, person: person, state: state, expires: Town.date(20_301_231),
                verification: Town.pin, triesFailed: 0))
    }
}
