import Foundation
import SettlementDomain

/// When the business date moves by itself.
public struct DaySchedule: Sendable, Equatable {
    /// The time zone whose clock and calendar count.
    public let timeZone: TimeZone
    /// Seconds after local midnight, 0...86399.
    ///
    /// From noon on it ends the business date of the same day, before noon that of the day before.
    public let closeAt: Int

    /// Creates a schedule of a zone's name of the IANA database; nil for a name that is not known.
    public init?(timeZone name: String, closeAt: Int) {
        guard let zone = TimeZone(identifier: name) else { return nil }
        timeZone = zone
        self.closeAt = closeAt
    }

    /// The business date that should be at this moment, milliseconds since 1970 UTC.
    public func businessDate(at millis: Int64) -> CivilDate {
        let seconds = Int(millis / 1_000)
        let offset = timeZone.secondsFromGMT(
            for: Date(timeIntervalSince1970: TimeInterval(seconds)))
        let local = seconds + offset
        let day = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
        let isPast = local - day * 86_400 >= closeAt
        let isEvening = closeAt >= 43_200
        let shift = isEvening ? (isPast ? 1 : 0) : (isPast ? 0 : -1)
        return CivilDate(daysSinceEpoch: day + shift) ?? .first
    }

    /// Seconds after midnight of a text `HH:MM` or `HH:MM:SS`; nil for anything else.
    static func seconds(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), parts.allSatisfy({ $0.utf8.count == 2 }) else {
            return nil
        }
        let numbers = parts.compactMap { Int($0) }
        guard numbers.count == parts.count, (0...23).contains(numbers[0]),
            numbers.dropFirst().allSatisfy({ (0...59).contains($0) })
        else { return nil }
        return numbers[0] * 3_600 + numbers[1] * 60 + (numbers.count == 3 ? numbers[2] : 0)
    }
}
