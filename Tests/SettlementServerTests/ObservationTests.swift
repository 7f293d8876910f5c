import Ledger
import Logging
import Metrics
import NIOCore
import Synchronization
import Testing

@testable import SettlementServer

@Suite("Logs and metrics")
struct ObservationTests {
    private final class Lines: Sendable {
        let text = Mutex("")
    }

    private func logged(
        _ format: LineLogHandler.Format, _ log: (Logger) -> Void
    ) -> String {
        let lines = Lines()
        let logger = Logger(label: "test") { _ in
            LineLogHandler(format: format, level: .info, clock: FakeClock(1_795_392_000_123)) {
                line in lines.text.withLock { $0 += line }
            }
        }
        log(logger)
        return lines.text.withLock { $0 }
    }

    @Test("an event is one line of text, its metadata sorted and quoted where it must be")
    func text() {
        let line = logged(.text) {
            $0.warning(
                "connection refused", metadata: ["reason": "has expired", "peer": "10.0.0.1"])
        }
        #expect(
            line == "2026-11-23T00:00:00.123Z warning connection refused "
                + "peer=10.0.0.1 reason=\"has expired\"\n")
    }

    @Test("an event is one JSON object, whatever its text holds")
    func json() {
        let line = logged(.json) { $0.info("a \"b\"\nc", metadata: ["k": "\u{1}"]) }
        #expect(
            line == #"{"time":"2026-11-23T00:00:00.123Z","level":"info","#
                + #""message":"a \"b\"\nc","k":"\u0001"}"# + "\n")
    }

    @Test("a line feed in a message does not make two lines of text")
    func injection() {
        let line = logged(.text) { $0.info("a\nb", metadata: ["k": "c\nd"]) }
        #expect(line.filter { $0 == "\n" }.count == 1)
    }

    @Test("of each kind of line so many a second are written, and the next says what was left out")
    func lineBudget() {
        let budget = LineBudget()
        let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
        let max = LineBudget.linesMax
        let first = (0..<(max + 5)).map { _ in budget.take("refused", at: start) }
        #expect(first.prefix(max).allSatisfy { $0 == 0 })
        #expect(first.suffix(5).allSatisfy { $0 == nil })
        #expect(budget.take("failed", at: start) == 0)
        #expect(budget.take("refused", at: start + .milliseconds(999)) == nil)
        #expect(budget.take("refused", at: start + .seconds(1)) == 6)
        #expect(budget.take("refused", at: start + .seconds(1)) == 0)
    }

    @Test("what is below the level is not written")
    func level() {
        #expect(logged(.text) { $0.debug("hidden") } == "")
    }

    @Test(
        "card and ID numbers are masked wherever they stand",
        arguments: [
            ("card 6228480000000003 paid", "card ************0003 paid"),
            ("id 99010019800101001X", "id **************001X"),
            ("person 110000001", "person *****0001"),
            ("20261123-T0000001-000042", "20261123-T0000001-000042"),
            ("institution H99010000001", "institution H99010000001"),
            ("12345678", "12345678"),
        ])
    func masking(_ text: String, _ masked: String) {
        #expect(LogMasking.masked(text) == masked)
    }

    @Test("a log line shows no card number, in message or metadata")
    func maskedLine() {
        let number = Site.card.clearText
        let line = logged(.json) { $0.info("card \(number)", metadata: ["card": "\(number)"]) }
        #expect(!line.contains(number))
    }

    @Test(
        "timestamps are right around leap days",
        arguments: [
            (0 as Int64, "1970-01-01T00:00:00.000Z"), (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_772_323_200_000, "2026-03-01T00:00:00.000Z"),
            (1_835_395_200_000, "2028-02-29T00:00:00.000Z"),
        ])
    func timestamps(_ milliseconds: Int64, _ text: String) {
        #expect(UTCTimestamp.text(milliseconds: milliseconds) == text)
    }

    @Test("the page shows counters, gauges and cumulative histograms in Prometheus's format")
    func page() {
        let registry = MetricsRegistry()
        Counter(label: "b_total", dimensions: [("k", "a\"b")], factory: registry).increment(by: 2)
        Meter(label: "a_open", dimensions: [], factory: registry).set(3)
        let recorder = Recorder(
            label: "c_requests", dimensions: [], aggregate: true, factory: registry)
        recorder.record(1)
        recorder.record(3)
        let page = registry.text
        #expect(page.contains("# TYPE b_total counter\nb_total{k=\"a\\\"b\"} 2\n"))
        #expect(page.contains("# TYPE a_open gauge\na_open 3\n"))
        #expect(page.contains("c_requests_bucket{le=\"1\"} 1\nc_requests_bucket{le=\"2\"} 1\n"))
        #expect(page.contains("c_requests_bucket{le=\"4\"} 2\n"))
        #expect(page.contains("c_requests_bucket{le=\"+Inf\"} 2\nc_requests_sum 4\n"))
        #expect(page.contains("c_requests_count 2\n"))
    }

    @Test("the same label and dimensions are the same sample")
    func shared() {
        let registry = MetricsRegistry()
        let metrics = ServerMetrics(factory: registry)
        metrics.limitReached("connections")
        metrics.limitReached("connections")
        #expect(registry.text.contains("settled_limits_reached_total{limit=\"connections\"} 2\n"))
    }
}
