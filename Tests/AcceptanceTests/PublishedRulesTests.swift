import Foundation
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import SiteFiles
import TestSite
import Testing

/// The published supervision rules, which are not part of the checkout.
enum PublishedRules {
    /// The folder with both files; nil where it is not there.
    static let folder: String? = {
        let named = ProcessInfo.processInfo.environment["SETTLED_SHARED_DATA"]
        let checkout = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().appending(path: "../../../shared/data").standardized.path
        return [named, checkout].compactMap { $0 }.first {
            FileManager.default.fileExists(atPath: $0 + "/drug-rules.csv")
        }
    }()
}

extension Acceptance {
    @Suite(
        "Settling against the published rules",
        .enabled(
            if: PublishedRules.folder != nil,
            "the folder of published rules is not there; SETTLED_SHARED_DATA names it"))
    struct PublishedRulesTests {
        @Test(
            """
            Every sort of restriction among the 14,000 published rules, imported over the \
            operator's socket, falls to the account where it is not met and is covered where it is
            """)
        func restrictions() async throws {
            let folder = try #require(PublishedRules.folder)
            let reader = SiteReader()
            let rules =
                try reader.catalogRules(at: folder + "/drug-rules.csv")
                + reader.catalogRules(at: folder + "/service-rules.csv")
            let merged = try CatalogRules.merge(
                rules, into: Town.catalog.entries,
                creating: CatalogRules.NewEntry(effectiveFrom: Town.firstDay))
            #expect(merged.added > 14_000)
            try await RunningDaemon.withTown { daemon in
                let catalog = Catalog(
                    version: CatalogVersion(rawValue: 2), entries: merged.entries)
                try await daemon.register([
                    .catalog(CatalogRow(effectiveFrom: Town.today, catalog: catalog))
                ])
                let man = Patient.new()
                let girl = Patient.new(sex: .female, born: 2026_11_20)
                try await daemon.admit(man, girl)
                let small = try await daemon.connect(Town.Terminal.smallHospital)
                let large = try await daemon.connect(Town.Terminal.hospital)
                #expect(small.grant.catalogVersion == catalog.version)
                #expect(Int(small.grant.catalogEntries) == catalog.entries.count)

                let alone = merged.entries.filter { $0.restrictions.count == 1 && $0.level == .b }
                var seen: Set<SortingReason> = []
                for (sort, examples) in Dictionary(grouping: alone, by: { Sort($0) }) {
                    let entry = try #require(examples.first)
                    let restriction = try #require(entry.restrictions.first)
                    let unmet = try await reason(of: entry, man, small, .outpatient)
                    let met = try await reason(of: entry, girl, large, .inpatient)
                    if sort.isFirstUseCovered {
                        #expect(unmet == .levelB && met == .levelB, "\(restriction)")
                    } else {
                        #expect(unmet == sort.reasonOfMan, "\(restriction)")
                        #expect(met == sort.reasonOfGirl, "\(restriction)")
                    }
                    seen.insert(restriction.reason)
                }
                #expect(seen.count == 7)
            }
        }

        @Test("a settled medicine with a published course limit is account money the second time")
        func courseIsUsedUp() async throws {
            let folder = try #require(PublishedRules.folder)
            let rules = try SiteReader().catalogRules(at: folder + "/drug-rules.csv")
            let likeness = CatalogRules.NewEntry(effectiveFrom: Town.firstDay)
            let merged = try CatalogRules.merge(rules, creating: likeness)
            let entry = try #require(
                merged.entries.first { entry in
                    guard case .maxDays = entry.restrictions.first else { return false }
                    return entry.restrictions.count == 1
                })
            guard case .maxDays(let days) = entry.restrictions.first else { return }
            try await RunningDaemon.withTown { daemon in
                let catalog = Catalog(
                    version: CatalogVersion(rawValue: 2), entries: merged.entries)
                try await daemon.register([
                    .catalog(CatalogRow(effectiveFrom: Town.today, catalog: catalog))
                ])
                let terminal = try await daemon.connect(Town.Terminal.hospital)
                let index = try #require(
                    catalog.entries.firstIndex { $0.code == entry.code })
                var course = line(entry.code, 1_000, courseDays: UInt32(days))
                course.item = .index(UInt32(index))
                var sale = Town.patients[12].sale([course], .inpatient, partial: true)
                sale.catalogVersion = catalog.version
                let reasons = [
                    try await terminal.settle(sale).settlement?.split.parts.map(\.reason),
                    try await terminal.settle(sale).settlement?.split.parts.map(\.reason),
                ]
                #expect(reasons == [[.levelB], [.restrictedCourse]])
            }
        }

        private func reason(
            of entry: CatalogEntry, _ patient: Patient, _ terminal: TerminalConnection,
            _ visit: VisitType
        ) async throws -> SortingReason? {
            let sale = patient.sale([line(entry.code, 1_000)], visit, partial: true)
            let parts = try await terminal.quote(sale).settlement?.split.parts
            return parts?.first?.reason
        }

        /// Restrictions that ask the same question and are met alike.
        private struct Sort: Hashable {
            var reason: SortingReason
            var value: String

            init(_ entry: CatalogEntry) {
                let restriction = entry.restrictions.first
                reason = restriction?.reason ?? .levelB
                value = restriction.map { "\($0)" } ?? ""
                if isFirstUseCovered { value = "" }
            }

            /// A course or frequency limit covers the first unit of the first day.
            var isFirstUseCovered: Bool {
                reason == .restrictedCourse || reason == .restrictedFrequency
            }

            /// For an adult, an outpatient at a hospital of level 1.
            var reasonOfMan: SortingReason { value == "sex=male" ? .levelB : reason }

            /// For a newborn, an inpatient at a hospital of level 3.
            var reasonOfGirl: SortingReason {
                let isUnmet = reason == .restrictedInsuranceType || value == "sex=male"
                return isUnmet ? reason : .levelB
            }
        }
    }
}
