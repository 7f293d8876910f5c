import Foundation

/// Begins a thread for a body that runs until its owner ends it; false: the system gives no thread, and
/// nothing was begun.
typealias ThreadStarter = @Sendable (_ name: String, _ body: @escaping @Sendable () -> Void) -> Bool

/// Begins a thread of the system's.
///
/// Foundation's `Thread` does not tell that there is none, and who waits for it then waits for ever.
@Sendable
func beginThread(_ name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
    let context = Unmanaged.passRetained(ThreadContext(name: name, body: body))
    var thread = pthread_t()
    let code = pthread_create(
        &thread, nil,
        { context in
            guard let context else { return nil }
            let own = Unmanaged<ThreadContext>.fromOpaque(context).takeRetainedValue()
            Thread.current.name = own.name
            own.body()
            return nil
        }, context.toOpaque())
    guard code == 0 else {
        context.release()
        return false
    }
    pthread_detach(thread)
    return true
}

private final class ThreadContext: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}
