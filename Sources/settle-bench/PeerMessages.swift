import ArgumentParser

/// `settle-bench peer-messages`.
struct PeerMessages: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peer-messages",
        abstract: "Says how long a sale of three lines is in the forms that others use.",
        discussion: """
            An ISO 8583 purchase and its response, and the request and response of a pharmacy \
            settlement as the national platform has them; both carry what our settle request and \
            its answer carry. --print shows them. Each is counted with the 22 bytes of its TLS 1.3 \
            record and without HTTP headers. Prints JSON.

            EXAMPLE
              settle-bench peer-messages --print
            """)

    @Flag(help: "Show the messages, bytes that are no text as hexadecimal.")
    var print = false

    /// Header, authentication tag and content type of a TLS 1.3 record.
    private static let recordBytes = 22

    func run() {
        let iso = [ISO8583Sale.request, ISO8583Sale.response]
        let json = [PlatformSale.request, PlatformSale.response]
        if print {
            for message in iso { Swift.print(Self.text(message)) }
            for message in json { Swift.print(message) }
        }
        let isoBytes = iso.reduce(0) { $0 + $1.count + Self.recordBytes }
        let jsonBytes = json.reduce(0) { $0 + $1.utf8.count + Self.recordBytes }
        Swift.print("{\"iso8583\": \(isoBytes), \"json\": \(jsonBytes)}")
    }

    /// ASCII as it is, other bytes as hexadecimal between angle brackets.
    private static func text(_ message: [UInt8]) -> String {
        message.map { byte in
            (0x20..<0x7f).contains(byte)
                ? String(UnicodeScalar(byte)) : "<" + String(byte, radix: 16) + ">"
        }.joined()
    }
}

/// A purchase as banks' terminals send it: ISO 8583:1987, numbers packed two digits a byte, text in
/// ASCII, the lines in private field 48 and the split in private field 62.
private enum ISO8583Sale {
    static let request: [UInt8] = message(
        type: 0x0200, fields: [2, 3, 4, 11, 12, 13, 22, 25, 41, 42, 48, 49, 52, 53, 64],
        body: packed("16") + packed("6200310000000017") + packed("000000")
            + packed("000000018000") + packed("123456") + packed("101500") + packed("1123")
            + packed("0210") + packed("00") + text("P0000017") + text("H31000000000017")
            + field(48, lines) + text("156") + [UInt8](repeating: 0xab, count: 8)
            + packed("2600000000000000") + [UInt8](repeating: 0xcd, count: 8))

    static let response: [UInt8] = message(
        type: 0x0210, fields: [2, 3, 4, 11, 12, 13, 25, 37, 38, 39, 41, 42, 48, 49, 54, 62, 64],
        body: packed("16") + packed("6200310000000017") + packed("000000")
            + packed("000000018000") + packed("123456") + packed("101500") + packed("1123")
            + packed("00") + text("261123123456") + text("004711") + text("00")
            + text("P0000017") + text("H31000000000017") + field(48, answers) + text("156")
            + field(54, "1002156C000001234567") + field(62, split)
            + [UInt8](repeating: 0xcd, count: 8))

    /// National code, quantity in thousandths, price and amount in fen, each line.
    private static let lines = [
        "XA02BCA097A001010100231", "XJ01CAA040E001010104512", "XN02BEA071A006010102207",
    ].map { $0 + "000002000" + "00003000" + "0000006000" }.joined()

    /// Class, reason, and who pays what, each line.
    private static let answers = [
        "XA02BCA097A001010100231", "XJ01CAA040E001010104512", "XN02BEA071A006010102207",
    ].map { $0 + "2" + "07" + "0000006000" + "0000000000" + "0000006000" }.joined()

    /// Total, full self-pay, first self-pay, pooled, large, supplement, account, family, cash, and
    /// the versions that decided.
    private static let split =
        [18_000, 18_000, 0, 0, 0, 0, 18_000, 0, 0].map { amount in
            let digits = String(amount)
            return String(repeating: "0", count: 10 - digits.count) + digits
        }.joined() + "0000000100000001310000"

    /// Length, addressing header as POS terminals have it, type, bitmap, body.
    private static func message(type: UInt16, fields: [Int], body: [UInt8]) -> [UInt8] {
        var bitmap: UInt64 = 0
        for field in fields { bitmap |= 1 << UInt64(64 - field) }
        let header = packed("6000030000")
        let content =
            header + [UInt8(type >> 8), UInt8(type & 0xff)]
            + stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: bitmap >> $0) }
            + body
        return [UInt8(content.count >> 8), UInt8(content.count & 0xff)] + content
    }

    /// A field of variable length: three digits in two bytes, then text.
    private static func field(_ number: Int, _ value: String) -> [UInt8] {
        let digits = String(value.utf8.count)
        return packed(String(repeating: "0", count: 4 - digits.count) + digits) + text(value)
    }

    private static func text(_ value: String) -> [UInt8] { Array(value.utf8) }

    private static func packed(_ digits: String) -> [UInt8] {
        let values = digits.utf8.map { $0 - UInt8(ascii: "0") }
        return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }
}

/// A pharmacy's settlement (transaction 2102) in the national platform's form of JSON.
private enum PlatformSale {
    static let request =
        "{" + envelope(infno: "2102") + "\"input\":{\"druginfo\":{"
        + "\"psn_no\":\"31000000000000000017\",\"mdtrt_cert_type\":\"03\","
        + "\"mdtrt_cert_no\":\"6200310000000017\",\"begntime\":\"2026-11-23 10:15:00\","
        + "\"medfee_sumamt\":\"180.00\",\"invono\":\"\",\"insutype\":\"310\","
        + "\"dise_codg\":\"\",\"dise_name\":\"\",\"acct_used_flag\":\"1\",\"med_type\":\"41\"},"
        + "\"drugdetail\":["
        + codes.enumerated().map { index, code in
            "{\"feedetl_sn\":\"P000001720261123123456\(index)\",\"rxno\":\"\","
                + "\"rx_circ_flag\":\"0\",\"fee_ocur_time\":\"2026-11-23 10:15:00\","
                + "\"med_list_codg\":\"\(code)\",\"medins_list_codg\":\"\(code)\","
                + "\"det_item_fee_sumamt\":\"60.00\",\"cnt\":\"2.0000\",\"pric\":\"30.000000\","
                + "\"sin_dos_dscr\":\"\",\"used_frqu_dscr\":\"\",\"prd_days\":\"\","
                + "\"medc_way_dscr\":\"\",\"bilg_dr_codg\":\"\",\"bilg_dr_name\":\"\","
                + "\"tcmdrug_used_way\":\"\"}"
        }.joined(separator: ",") + "]}}"

    static let response =
        "{\"infcode\":\"0\",\"inf_refmsgid\":\"310000202611231015000000471100\","
        + "\"refmsg_time\":\"20261123101500123\",\"respond_time\":\"20261123101500456\","
        + "\"err_msg\":\"\",\"output\":{\"setlinfo\":{\"setl_id\":\"310000000004711\","
        + "\"mdtrt_id\":\"310000000004712\",\"psn_no\":\"31000000000000000017\","
        + "\"psn_name\":\"张三\",\"psn_cert_type\":\"01\",\"certno\":\"310000199001010000\","
        + "\"gend\":\"1\",\"naty\":\"01\",\"brdy\":\"1990-01-01\",\"age\":36,"
        + "\"insutype\":\"310\",\"psn_type\":\"1101\",\"cvlserv_flag\":\"0\","
        + "\"setl_time\":\"2026-11-23 10:15:00\",\"mdtrt_cert_type\":\"03\",\"med_type\":\"41\","
        + "\"medfee_sumamt\":180.00,\"fulamt_ownpay_amt\":180.00,\"overlmt_selfpay\":0.00,"
        + "\"preselfpay_amt\":0.00,\"inscp_scp_amt\":0.00,\"act_pay_dedc\":0.00,"
        + "\"hifp_pay\":0.00,\"pool_prop_selfpay\":0.00,\"cvlserv_pay\":0.00,\"hifes_pay\":0.00,"
        + "\"hifmi_pay\":0.00,\"hifob_pay\":0.00,\"maf_pay\":0.00,\"oth_pay\":0.00,"
        + "\"fund_pay_sumamt\":0.00,\"psn_part_amt\":180.00,\"acct_pay\":180.00,"
        + "\"psn_cash_pay\":0.00,\"balc\":12345.67,\"acct_mulaid_pay\":0.00,"
        + "\"medins_setl_id\":\"P0000017202611231015\",\"clr_optins\":\"310000\","
        + "\"clr_way\":\"1\",\"clr_type\":\"41\"},\"setldetail\":[{\"fund_pay_type\":\"310100\","
        + "\"inscp_scp_amt\":0.00,\"crt_payb_lmt_amt\":0.00,\"fund_payamt\":180.00,"
        + "\"fund_pay_type_name\":\"个人账户\",\"setl_proc_info\":\"\"}],\"detlcutinfo\":["
        + codes.enumerated().map { index, _ in
            "{\"feedetl_sn\":\"P000001720261123123456\(index)\",\"det_item_fee_sumamt\":60.00,"
                + "\"cnt\":2.0000,\"pric\":30.000000,\"pric_uplmt_amt\":0.000000,"
                + "\"selfpay_prop\":1.0000,\"fulamt_ownpay_amt\":60.00,\"overlmt_amt\":0.00,"
                + "\"preselfpay_amt\":0.00,\"inscp_scp_amt\":0.00,\"chrgitm_lv\":\"03\","
                + "\"med_chrgitm_type\":\"09\",\"bas_medn_flag\":\"0\",\"hi_nego_drug_flag\":\"0\","
                + "\"chld_medc_flag\":\"0\",\"list_sp_item_flag\":\"0\",\"lmt_used_flag\":\"0\","
                + "\"drt_reim_flag\":\"0\",\"memo\":\"\"}"
        }.joined(separator: ",") + "]}}"

    private static let codes = [
        "XA02BCA097A001010100231", "XJ01CAA040E001010104512", "XN02BEA071A006010102207",
    ]

    private static func envelope(infno: String) -> String {
        "\"infno\":\"\(infno)\",\"msgid\":\"P0000017202611231015004711\","
            + "\"mdtrtarea_admvs\":\"310000\",\"insuplc_admdvs\":\"310000\","
            + "\"recer_sys_code\":\"MBS_LOCAL\",\"dev_no\":\"\",\"dev_safe_info\":\"\","
            + "\"cainfo\":\"\",\"signtype\":\"SM3\",\"infver\":\"V1.0\",\"opter_type\":\"1\","
            + "\"opter\":\"0017\",\"opter_name\":\"\",\"inf_time\":\"2026-11-23 10:15:00\","
            + "\"fixmedins_code\":\"P31000000017\",\"fixmedins_name\":\"\",\"sign_no\":\"4711\","
    }
}
