import Testing

@testable import SettlementServer

@Suite("Handshakes that are not over")
struct HandshakesTests {
    private func ticket(_ number: Int) -> ConnectionTicket {
        ConnectionTicket(slot: UInt32(number), generation: 0)
    }

    @Test("there are never more than allowed, and each that has to end is the oldest then")
    func oldest() {
        // Every order in which six handshakes begin and up to five of them end in between.
        for pattern in 0..<(1 << 10) {
            let handshakes = Handshakes(countMax: 2)
            var model: [Int] = []
            func end(_ number: Int?) {
                guard let number else { return }
                handshakes.end(ticket(number))
                model.removeAll { $0 == number }
            }
            for number in 0..<6 {
                model.append(number)
                let oldest = model.count > 2 ? model.removeFirst() : nil
                #expect(handshakes.begin(ticket(number)) == oldest.map(ticket))
                switch pattern >> (2 * number) & 3 {
                case 1: end(model.first)
                case 2: end(model.last)
                case 3 where number >= 2: end(number - 2)
                default: break
                }
                #expect(handshakes.count == model.count)
            }
        }
    }

    @Test("one that stays keeps its place while many thousands begin and end behind it")
    func longQueue() {
        let handshakes = Handshakes(countMax: 2)
        #expect(handshakes.begin(ticket(0)) == nil)
        for number in 1...10_000 {
            #expect(handshakes.begin(ticket(number)) == nil)
            handshakes.end(ticket(number))
        }
        #expect(handshakes.begin(ticket(10_001)) == nil)
        #expect(handshakes.begin(ticket(10_002)) == ticket(0))
        #expect(handshakes.count == 2)
    }
}
