import Ledger
import SettlementDomain
import Testing

@Suite("One value has one form")
struct CanonicalFormTests {
    @Test(
        "an integer is read in its shortest form alone",
        arguments: [UInt64(0), 1, 127, 128, 1 << 40])
    func integers(_ value: UInt64) throws {
        var writer = ByteWriter()
        writer.unsigned(value)
        var reader = ByteReader(writer.bytes)
        #expect(try reader.unsigned() == value)

        var longer = writer.bytes
        longer[longer.count - 1] |= 0x80
        longer.append(0)
        #expect(throws: CodingFault.self) {
            var reader = ByteReader(longer)
            _ = try reader.unsigned()
        }
    }

    @Test("a settlement's id has one spelling, also in the first years")
    func settlementIDs() throws {
        for text in ["20261123-T0000001-000103", "00010101-T0000001-999999"] {
            #expect(try #require(SettlementID(text)).description == text)
        }
        for text in [
            "20261123-T0000001-+00103", "+1011231-T0000001-000103", "20261123-T0000001-000000",
        ] {
            #expect(SettlementID(text) == nil)
        }
    }
}
