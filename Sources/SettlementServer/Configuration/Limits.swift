import NIOCore

/// What no peer may go beyond; ranges and defaults are those of `Config/settled.yaml`.
public struct Limits: Sendable, Equatable {
    /// Seconds for the TLS handshake.
    public var handshakeSeconds = 5
    /// Seconds from a frame's first byte to its last.
    public var frameSeconds = 10
    /// Seconds between two frames while nothing is in flight.
    public var idleSeconds = 120
    /// Seconds for the peer to take what was sent.
    public var writeSeconds = 30
    /// The largest value of a frame's length field, over TLS.
    public var frameBytesMax = 65_536
    /// Requests without an answer, on one connection.
    public var inFlightMax = 256
    /// Connections in all.
    public var connectionsMax = 10_000
    /// Signed-on connections of one terminal.
    public var connectionsPerTerminalMax = 4
    /// Connections with one certificate, signed on or not.
    public var connectionsPerCertificateMax = 16
    /// Connections whose TLS handshake is not over; the oldest is ended for one more.
    public var handshakesMax = 4_000
    /// Wrong PINs of one terminal in `wrongPINsSeconds`, after which none is looked at; 0: no limit.
    public var wrongPINsPerTerminalMax = 300
    /// The same of a gateway, which speaks for many persons.
    public var wrongPINsPerGatewayMax = 10_000
    /// The same of all terminals of an institution, gateways apart.
    public var wrongPINsPerInstitutionMax = 1_000
    /// How long wrong PINs count, from the first of them on.
    public var wrongPINsSeconds = 3_600
    /// Requests that may wait for the committer.
    public var queueRequestsMax = 8_192
    /// Bytes of their bodies.
    public var queueBytesMax = 33_554_432
    /// Requests that share one transaction.
    public var batchRequestsMax = 1_024

    /// The largest value of a frame's length field, on the operator's socket: 64 MiB.
    public static let operatorFrameBytesMax = 67_108_864
    /// Connections on the operator's socket.
    public static let operatorConnectionsMax = 8
    /// Requests without an answer, on one connection of an operator.
    public static let operatorInFlightMax = 4

    /// The defaults.
    public init() {}

    init(_ section: ConfigurationSection) {
        handshakeSeconds = section.integer("handshake_seconds", in: 1...60, default: 5)
        frameSeconds = section.integer("frame_seconds", in: 1...60, default: 10)
        idleSeconds = section.integer("idle_seconds", in: 5...3_600, default: 120)
        writeSeconds = section.integer("write_seconds", in: 1...600, default: 30)
        frameBytesMax = section.integer("frame_bytes", in: 65_536...1_048_576, default: 65_536)
        inFlightMax = section.integer("in_flight", in: 1...4_096, default: 256)
        connectionsMax = section.integer("connections", in: 1...1_000_000, default: 10_000)
        connectionsPerTerminalMax = section.integer(
            "connections_per_terminal", in: 1...1_024, default: 4)
        connectionsPerCertificateMax = section.integer(
            "connections_per_certificate", in: 1...4_096, default: 4 * connectionsPerTerminalMax)
        handshakesMax = section.integer("handshakes", in: 1...1_000_000, default: 4_000)
        wrongPINsPerTerminalMax = section.integer(
            "wrong_pins_per_terminal", in: 0...1_000_000, default: 300)
        wrongPINsPerGatewayMax = section.integer(
            "wrong_pins_per_gateway", in: 0...1_000_000, default: 10_000)
        wrongPINsPerInstitutionMax = section.integer(
            "wrong_pins_per_institution", in: 0...1_000_000, default: 1_000)
        wrongPINsSeconds = section.integer(
            "wrong_pins_seconds", in: 1...86_400, default: 3_600)
        queueRequestsMax = section.integer("queue_requests", in: 1...1_000_000, default: 8_192)
        queueBytesMax = section.integer(
            "queue_bytes", in: 65_536...1_073_741_824, default: 33_554_432)
        batchRequestsMax = section.integer("batch_requests", in: 1...65_536, default: 1_024)
        if connectionsPerCertificateMax < connectionsPerTerminalMax {
            section.note(
                "connections_per_certificate",
                "\(connectionsPerCertificateMax) is less than connections_per_terminal, "
                    + "\(connectionsPerTerminalMax): a terminal could never have so many")
        }
        if queueRequestsMax < inFlightMax {
            section.note(
                "queue_requests",
                "\(queueRequestsMax) is less than in_flight, \(inFlightMax): the requests of one "
                    + "connection would never fit")
        }
        if queueBytesMax < frameBytesMax {
            section.note(
                "queue_bytes",
                "\(queueBytesMax) is less than frame_bytes, \(frameBytesMax): such a frame would "
                    + "never fit")
        }
        section.refuseUnknownKeys()
    }

    var deadlines: Deadlines.Durations {
        Deadlines.Durations(
            handshake: .seconds(Int64(handshakeSeconds)), frame: .seconds(Int64(frameSeconds)),
            idle: .seconds(Int64(idleSeconds)), write: .seconds(Int64(writeSeconds)))
    }
}
