/// What the terminal does next: an ISO 8583 action code.
///
/// - Source: Protocol/ResponseCodes.md.
public enum ResponseCode: UInt8, Sendable, CaseIterable {
    case approved = 0
    case institutionInvalid = 3
    case executing = 9
    case partiallyApproved = 10
    case invalidTransaction = 12
    case invalidAmount = 13
    case noSuchCard = 14
    case quoteStale = 19
    case noActionTaken = 21
    case originalNotFound = 25
    case formatError = 30
    case notSupported = 40
    case cardLost = 41
    case insufficientFunds = 51
    case cardExpired = 54
    case wrongPIN = 55
    case notPermittedToPerson = 57
    case notPermittedToTerminal = 58
    case amountLimit = 61
    case securityViolation = 63
    case originalAmountDiffers = 64
    case frequencyLimit = 65
    case pinTriesExceeded = 75
    case originalDataDiffers = 77
    case alreadyUndone = 79
    case dayClose = 90
    case unavailable = 91
    case keyReused = 94
    case totalsDisagree = 95
    case malfunction = 96
    case pinBlockUnusable = 99

    /// Whether money or information was given as asked: 00 or 10.
    public var isApproval: Bool { self == .approved || self == .partiallyApproved }

    /// The code as a terminal prints it: two digits.
    public var text: String { rawValue < 10 ? "0\(rawValue)" : "\(rawValue)" }
}

/// Why a response has its code, for a person.
///
/// - Source: Protocol/ResponseCodes.md; the numbers are those of `settlement.proto`.
public enum Reason: UInt16, Sendable, CaseIterable {
    case none = 0
    case frameLength = 1
    case frameVersion = 2
    case frameFlags = 3
    case bodyUnreadable = 4
    case requestIDInUse = 5
    case kindUnknown = 6
    case notSignedOn = 7
    case alreadySignedOn = 8
    case certificateMismatch = 9
    case terminalUnknown = 10
    case pinAlgorithmUnknown = 11
    case roleNotPermitted = 12
    case tooManyConnections = 13
    case protocolVersion = 14
    case deadlinePassed = 15
    case inFlightExceeded = 16

    case fieldMissing = 100
    case fieldOutOfRange = 101
    case stanOutOfRange = 102
    case businessDateUnknown = 103
    case linesOutOfRange = 104
    case lineAmountInvalid = 105
    case totalDiffers = 106
    case amountOverflow = 107
    case catalogVersionUnknown = 108
    case catalogIndexUnknown = 109
    case serviceDateInvalid = 110
    case visitTypeNotPermitted = 111
    case cardNumberInvalid = 112
    case keyReused = 113

    case cardUnknown = 200
    case cardLost = 201
    case cardExpired = 202
    case cardCancelled = 203
    case pinWrong = 204
    case pinLocked = 205
    case pinBlockUnusable = 206
    case pinNotSet = 207
    case benefitFrozen = 208
    case noPolicyForRegion = 209

    case institutionSuspended = 300
    case institutionTerminated = 301
    case institutionUnknown = 302
    case terminalBlocked = 303
    case otherInstitution = 304
    case tooManyWrongPINs = 305

    case insufficientFunds = 400
    case cashDue = 401
    case quoteDiffers = 402
    case dailyLimit = 403
    case familyLimit = 404
    case traceCodeUsed = 405
    case aboveRemaining = 406
    case traceCodesDiffer = 407
    case annualCap = 408
    case undoneTooOften = 409

    case originalNotSeen = 500
    case reversedBeforeArrival = 501
    case originalReversed = 502
    case originalVoided = 503
    case originalRefunded = 504
    case furtherActivity = 505
    case amountDiffers = 506
    case dataDiffers = 507
    case otherBusinessDate = 508
    case originalExecuting = 509
    case originalUnknown = 510
    case originalRefused = 511
    case originalNotReversible = 512
    case totalsDisagree = 513

    case overloaded = 600
    case storeUnavailable = 601
    case outcomeUnknown = 602
    case draining = 603
    case dayClose = 604
    case verificationKeyMissing = 605

    case nameInvalid = 700
    case idNumberInvalid = 701
    case periodInvalid = 702
    case periodTooEarly = 703
    case periodPaid = 704
    case nameDiffers = 705
    case employerUnknown = 706
    case notOwnEmployee = 707
    case contributionsNotTaken = 708
    case categoryPaysNothing = 709
    case baseOutOfRange = 710
    case contributionAmountDiffers = 711
    case lineReused = 712

    case personUnknown = 720
    case personAmbiguous = 721
    case proxyExpired = 722
    case documentDiffers = 723
    case cardNotLost = 724
    case cardNumberInUse = 725
    case pinNotLocked = 726
    case cardExpiryInvalid = 727
    case relativeIsOwner = 730
    case ownerHasNoAccount = 731
    case relationshipNotPermitted = 732
    case relationshipImplausible = 733
    case tooManyLinks = 734
    case relativeNotLinked = 735
    case chronicNotRegistered = 750
    case admissionOpen = 751
    case admissionUnknown = 752
    case admissionClosed = 753
    case uploadUnknown = 754
    case nothingUploaded = 755
    case feesUploaded = 756
    case admissionFull = 757

    case claimUnknown = 770
    case billClaimed = 771
    case billSettled = 772
    case placeKnown = 773
    case claimStateDiffers = 774
    case claimFull = 775
    case clerkNotIndependent = 776
    case nothingToPay = 777
}
