/// The patients for whom an item is paid, by age on the service date.
///
/// - Source: Protocol/Sorting.md, "Restrictions".
public enum AgeGroup: UInt8, NamedCode {
    /// At most 28 days after the day of birth.
    case newborn = 1
    /// Before the first birthday.
    case infant = 2
    /// Before the third birthday.
    case toddler = 3
    /// Before the fourteenth birthday.
    case child = 4

    /// Whether a person of this birth date belongs to the group on that day.
    public func includes(birthDate: CivilDate, on day: CivilDate) -> Bool {
        guard birthDate <= day else { return false }
        return switch self {
        case .newborn: birthDate.days(to: day) <= 28
        case .infant: birthDate.years(to: day) < 1
        case .toddler: birthDate.years(to: day) < 3
        case .child: birthDate.years(to: day) < 14
        }
    }
}
