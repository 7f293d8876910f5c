import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TestSite
import Testing

extension Acceptance {
    @Suite("Sorting")
    struct SortingTests {
        /// An institution kind as the table of the domain's page knows it.
        struct Place: CustomTestStringConvertible, Sendable {
            var testDescription: String
            var terminal: TerminalID
            var visit: VisitType
            var supplies: Set<ItemKind>
            var isPooled: Bool
        }

        private static let goods: Set<ItemKind> = [
            .westernMedicine, .chinesePatentMedicine, .chineseMedicineSlice, .device, .consumable,
            .disinfectant,
        ]
        private static let vaccines: Set<ItemKind> = [.vaccineCategory1, .vaccineCategory2]

        static let places = [
            Place(
                testDescription: "pharmacy", terminal: Town.Terminal.pharmacy,
                visit: .pharmacyPurchase, supplies: goods, isPooled: false),
            Place(
                testDescription: "clinic", terminal: Town.Terminal.clinic, visit: .outpatient,
                supplies: goods.union([.service, .facility]), isPooled: true),
            Place(
                testDescription: "hospital", terminal: Town.Terminal.hospital, visit: .outpatient,
                supplies: goods.union([.service, .facility]), isPooled: true),
            Place(
                testDescription: "hospital that vaccinates",
                terminal: Town.Terminal.smallHospital, visit: .outpatient,
                supplies: goods.union([.service, .facility]).union(vaccines), isPooled: true),
            Place(
                testDescription: "vaccination clinic", terminal: Town.Terminal.vaccination,
                visit: .vaccination, supplies: vaccines, isPooled: false),
        ]

        @Test(
            "28. Every row of the sorting table, at each institution kind, with its reason.",
            arguments: places)
        func table(_ place: Place) async throws {
            var expected: [(code: ItemCode, reason: SortingReason)] = [
                (Town.unknown, .unknownItem), (Town.expired, .unknownItem),
                (Town.future, .unknownItem), (Town.code(.cosmetic), .cosmetic),
                (Town.code(.fitness), .fitness), (Town.code(.plasticSurgery), .plasticSurgery),
                (Town.code(.appearanceCorrection), .appearanceCorrection),
                (Town.code(.weightControl), .weightControl),
                (Town.code(.heightIncrease), .heightIncrease),
                (Town.code(.other), .otherNonTreatment), (Town.forbidden, .otherNonTreatment),
            ]
            for kind in ItemKind.allCases where kind != .nonTreatment {
                for level in PaymentLevel.allCases {
                    expected.append((Town.code(kind, level), reason(kind, level, place)))
                }
            }
            try await expect(expected, at: place, patient: Patient.new())
            let suspended = Patient.new(coverage: .suspended)
            try await expect(
                expected.map { code, reason in
                    (code, reason.itemClass == .catalog ? .coverageSuspended : reason)
                }, at: place, patient: suspended)
        }

        /// The table of the domain's page, question by question.
        private func reason(
            _ kind: ItemKind, _ level: PaymentLevel, _ place: Place
        ) -> SortingReason {
            if kind == .healthProduct { return .healthProduct }
            if !place.supplies.contains(kind) { return .notSuppliedHere }
            if kind == .vaccineCategory1 { return .freeVaccine }
            if kind == .vaccineCategory2 { return .vaccineCategory2 }
            if level == .none { return .notInPaymentScope }
            if !place.isPooled { return .visitTypeNotPooled }
            return level == .a ? .levelA : .levelB
        }

        @Test(
            """
            28. A restriction that is not met falls to the account under its own reason, where the \
            visit type is pooled.
            """)
        func restrictions() async throws {
            let reasons: [SortingReason] = [
                .restrictedSex, .restrictedAge, .restrictedInstitutionLevel, .restrictedVisitType,
                .restrictedInsuranceType, .levelA, .levelA,
            ]
            let codes = Town.restrictions.map { Town.code($0) }
            let small = Self.places[3]
            try await expect(Array(zip(codes, reasons)), at: small, patient: Patient.new())
            // A girl at a hospital of level 3: the first three are met.
            let girl = Patient.new(sex: .female, born: 2020_02_29)
            try await expect(
                Array(zip(codes, [.levelA, .levelA, .levelA] + reasons.dropFirst(3))),
                at: Self.places[2], patient: girl)
            try await expect(
                codes.map { ($0, .visitTypeNotPooled) }, at: Self.places[0], patient: Patient.new())
        }

        @Test(
            """
            28. What is within a course or frequency limit stays catalog; the rest of the line is \
            account.
            """)
        func divided() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 100_000)
            try await daemon.admit(patient)
            let terminal = try await daemon.connect(Town.Terminal.hospital)
            let weekly = Town.code(.maxQuantity(.one, perDays: 7))
            let course = Town.code(.maxDays(1))
            let lines = [
                line(weekly, 3_000, thousandths: 3_000), line(course, 4_000, courseDays: 2),
            ]
            let first = try await terminal.settle(patient.sale(lines, .outpatient))
            let parts = try #require(first.settlement?.split.parts)
            #expect(
                parts.map(\.reason) == [.levelA, .restrictedFrequency, .levelA, .restrictedCourse])
            #expect(parts.map(\.line) == [0, 0, 1, 1])
            #expect(parts.map(\.amount.fen) == [1_000, 2_000, 2_000, 2_000])
            // What was paid now counts next time.
            let second = try await terminal.settle(patient.sale(lines, .outpatient))
            #expect(
                second.settlement?.split.parts.map(\.reason)
                    == [.restrictedFrequency, .restrictedCourse])
            await terminal.close()
        }

        /// Quotes one line of each code and compares class and reason of every part.
        private func expect(
            _ rows: [(code: ItemCode, reason: SortingReason)], at place: Place, patient: Patient
        ) async throws {
            let daemon = try await SharedDaemon.town.running()
            try await daemon.admit(patient)
            let terminal = try await daemon.connect(place.terminal)
            let sale = patient.sale(
                rows.map { line($0.code, 1_000) }, place.visit, partial: true)
            let answer = try await terminal.quote(sale)
            let split = try #require(answer.settlement?.split, "\(answer.result)")
            #expect(answer.brokenIdentity == nil)
            #expect(split.parts.count == rows.count)
            for (part, row) in zip(split.parts, rows) {
                #expect(part.reason == row.reason, "\(row.code) at \(place.testDescription)")
                #expect(part.itemClass == row.reason.itemClass)
            }
            await terminal.close()
        }
    }
}
