/// A stay in hospital.
struct ModelStay {
    enum State: Int { case open = 1, discharged, cancelled }

    struct Upload {
        var key: ModelKey
        var day: Int
        var lines: [ModelLine]
        var total: Int
        var isCancelled = false
    }

    var key: ModelKey
    var person: Int
    var institution: Int
    var admittedOn: Int
    var state = State.open
    /// In the order of their numbers, from 1.
    var uploads: [Upload] = []
    /// The discharge that stands.
    var settlement: ModelKey?
    /// How often the fees were changed.
    var changes = 0

    /// By day, then by number, each line with its day and the number of its upload.
    var standing: [(upload: Int, line: ModelLine)] {
        uploads.enumerated().filter { !$0.element.isCancelled }
            .sorted { ($0.element.day, $0.offset) < ($1.element.day, $1.offset) }
            .flatMap { offset, upload in
                upload.lines.map { line in
                    var line = line
                    line.day = upload.day
                    return (offset + 1, line)
                }
            }
    }

    var total: Int { uploads.filter { !$0.isCancelled }.reduce(0) { $0 + $1.total } }
}

/// What a hospital asks about a stay.
enum ModelStayStep {
    case admit(card: Int?, pin: Int?, on: Int?)
    case upload(ModelKey, on: Int?, lines: [ModelLine], total: Int)
    /// Nil: the stay itself.
    case cancel(ModelKey, upload: Int?)
    case discharge(ModelDischarge, settles: Bool)
}

struct ModelDischarge {
    var stay: ModelKey
    var card: Int?
    /// Nil: a block that cannot be opened.
    var pin: Int?
    var on: Int?
    var total: Int
    var partial: Bool
    var accountLimit: Int?
}

/// Protocol/Inpatient.md.
extension Model {
    mutating func decide(_ step: ModelStayStep, _ key: ModelKey) -> ModelAnswer? {
        switch step {
        case .admit(let card, let pin, let on): return admit(card, pin, on ?? key.day, key)
        case .upload(let stay, let on, let lines, let total):
            switch openStay(stay, key) {
            case .failure(let refusal): return refusal.answer
            case .success(var found):
                let day = on ?? key.day
                guard (found.admittedOn...max(found.admittedOn, today)).contains(day) else {
                    return ModelAnswer(code: 12, reason: 110)
                }
                if let refusal = refusal(of: lines, total) { return refusal }
                found.uploads.append(
                    ModelStay.Upload(key: key, day: day, lines: lines, total: total))
                found.changes += 1
                return keep(found, upload: found.uploads.count)
            }
        case .cancel(let stay, let upload):
            switch openStay(stay, key) {
            case .failure(let refusal): return refusal.answer
            case .success(let found): return cancel(found, upload)
            }
        case .discharge(let discharge, let settles): return decide(discharge, settles, key)
        }
    }

    private mutating func admit(
        _ card: Int?, _ pin: Int?, _ day: Int, _ key: ModelKey
    ) -> ModelAnswer? {
        guard day <= today, day >= today - 366 else { return ModelAnswer(code: 12, reason: 110) }
        if let refusal = refusal(card, pin) { return refusal.recorded }
        guard let person = card.flatMap({ cards[$0]?.person }) else { return nil }
        if stays.values.contains(where: { $0.person == person && $0.state == .open }) {
            return ModelAnswer(code: 12, reason: 751)
        }
        return keep(
            ModelStay(
                key: key, person: person, institution: terminals[key.terminal], admittedOn: day),
            upload: nil)
    }

    private mutating func cancel(_ stay: ModelStay, _ upload: Int?) -> ModelAnswer {
        var stay = stay
        guard let upload else {
            guard stay.standing.isEmpty else { return ModelAnswer(code: 12, reason: 756) }
            stay.state = .cancelled
            return keep(stay, upload: nil)
        }
        guard (1...max(1, stay.uploads.count)).contains(upload), !stay.uploads.isEmpty else {
            return ModelAnswer(code: 25, reason: 754)
        }
        if stay.uploads[upload - 1].isCancelled { return ModelAnswer(code: 79, reason: 503) }
        stay.uploads[upload - 1].isCancelled = true
        stay.changes += 1
        return keep(stay, upload: upload)
    }

    private mutating func decide(
        _ discharge: ModelDischarge, _ settles: Bool, _ key: ModelKey
    ) -> ModelAnswer? {
        let stay: ModelStay
        switch openStay(discharge.stay, key) {
        case .failure(let refusal): return refusal.answer
        case .success(let found): stay = found
        }
        let day = discharge.on ?? key.day
        let fees = stay.standing.map(\.line)
        let first = max(stay.admittedOn, fees.last?.day ?? stay.admittedOn)
        guard day >= first, day <= today else { return ModelAnswer(code: 12, reason: 110) }
        if fees.isEmpty { return ModelAnswer(code: 12, reason: 755) }
        guard discharge.total == stay.total else { return ModelAnswer(code: 13, reason: 106) }
        if let refusal = refusal(discharge.card, discharge.pin) { return refusal.recorded }
        guard let card = discharge.card, let person = cards[card]?.person else { return nil }
        guard person == stay.person else { return ModelAnswer(code: 77, reason: 507) }
        let bill = ModelBill(
            visit: .inpatient, card: card, pin: discharge.pin, lines: fees, total: stay.total,
            partial: discharge.partial, accountLimit: discharge.accountLimit, quote: nil)
        return split(bill, of: person, on: day, stay: stay, settles: settles, key)
    }

    private func openStay(_ named: ModelKey, _ key: ModelKey) -> Result<ModelStay, ModelRefusal> {
        guard let stay = stays[named] else {
            return .failure(ModelRefusal(answer: ModelAnswer(code: 25, reason: 752)))
        }
        guard stay.institution == terminals[key.terminal] else {
            return .failure(ModelRefusal(answer: ModelAnswer(code: 58, reason: 304)))
        }
        guard stay.state == .open else {
            return .failure(ModelRefusal(answer: ModelAnswer(code: 12, reason: 753)))
        }
        return .success(stay)
    }

    private mutating func keep(_ stay: ModelStay, upload: Int?) -> ModelAnswer {
        stays[stay.key] = stay
        return ModelAnswer(
            code: 0, reason: 0,
            told: .stay(
                stay.state, uploads: stay.uploads.count, lines: stay.standing.count,
                total: stay.total, settlement: stay.settlement, upload: upload))
    }

    /// What an undoing of a discharge does to its stay.
    mutating func follow(_ sale: ModelSale) {
        guard let named = sale.stay else { return }
        let isOpen = sale.now.state == .voided || sale.now.state == .reversed
        stays[named]?.state = isOpen ? .open : .discharged
        stays[named]?.settlement = isOpen ? nil : sale.key
    }

    /// Whether the stay was settled again, or its fees changed, since a discharge was taken back.
    func isStayChanged(since sale: ModelSale) -> Bool {
        guard let named = sale.stay, let stay = stays[named],
            sale.now.state == .voided || sale.now.state == .reversed
        else { return false }
        return stay.state != .open || stay.changes != sale.stayChanges
    }
}
