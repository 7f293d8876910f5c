/// Protocol/Family.md.
extension Model {
    mutating func decide(_ step: ModelFamilyStep, _ key: ModelKey) -> ModelAnswer? {
        let owner: Int
        switch admit(step.subject, step.right, key) {
        case .refused(let refusal): return refusal.recorded
        case .passed(let found): owner = found
        }
        let relative: Int
        switch find(step.relative) {
        case .refused(let refusal): return refusal.recorded
        case .passed(let found): relative = found
        }
        let place = persons[relative].owners.firstIndex { $0.person == owner }
        guard let terms = step.terms else {
            guard let place else { return ModelAnswer(code: 12, reason: 735) }
            persons[relative].owners.remove(at: place)
            return ModelAnswer(code: 0, reason: 0)
        }
        if owner == relative { return ModelAnswer(code: 12, reason: 730) }
        if !persons[owner].hasAccount { return ModelAnswer(code: 57, reason: 731) }
        if terms.relationship == .grandparent { return ModelAnswer(code: 57, reason: 732) }
        let years = persons[relative].birthYear - persons[owner].birthYear
        switch terms.relationship {
        case .parent where -years < 14, .child where years < 14:
            return ModelAnswer(code: 57, reason: 733)
        default: break
        }
        if (terms.yearly ?? 0) < 0 || (terms.daily ?? 0) < 0 {
            return ModelAnswer(code: 13, reason: 101)
        }
        var link = ModelLink(
            person: owner, yearly: terms.yearly, daily: terms.daily, since: order)
        if let place {
            link.since = persons[relative].owners[place].since
            persons[relative].owners.remove(at: place)
        }
        let count = persons[relative].owners.count
        let wanted = terms.position.map { $0 - 1 } ?? place ?? count
        persons[relative].owners.insert(link, at: min(wanted, count))
        return ModelAnswer(
            code: 0, reason: 0,
            told: .link(
                position: min(wanted, count) + 1, yearly: link.yearly, daily: link.daily,
                thisYear: drawn(by: relative, by: link) { year(of: $0) == year(of: today) },
                today: drawn(by: relative, by: link) { $0 == today }))
    }
}
