package io.seine.cni.plugin;

import java.nio.charset.StandardCharsets;

/** One run of the plugin, from the environment to the outcome. */
final class Plugin {
  /** The largest network configuration, in bytes, with the previous result in it. */
  static final int MAX_STDIN = 1 << 20;

  private static final String METHOD = "/seine.cni.v1.Cni/Invoke";
  private static final String SUPPORTED = "[\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]";

  private final Os os;
  private final long startNanos;
  private byte[] stdin = new byte[0];

  private Plugin(Os os, long startNanos) {
    this.os = os;
    this.startNanos = startNanos;
  }

  /**
   * Does what the environment asks for.
   *
   * @param startNanos when the process began, on the clock of the operating system given
   * @return what to print and the exit code; every failure is an outcome
   */
  static Outcome run(Os os, long startNanos) {
    Plugin plugin = new Plugin(os, startNanos);
    try {
      return plugin.operate();
    } catch (CniException e) {
      return Outcome.failure(e.error(), Config.versionOf(plugin.stdin));
    }
  }

  private Outcome operate() throws CniException {
    Operation operation = Operation.of(os);
    if (operation == Operation.VERSION) {
      return version();
    }
    Environment environment = Environment.of(os, operation);
    stdin = readInput(deadline(operation.defaultMillis()));
    Config config = Config.parse(stdin);
    int millis = config.timeoutMillis() == 0 ? operation.defaultMillis() : config.timeoutMillis();
    byte[] request = new InvokeRequest(operation.name(), environment, stdin).encode();
    DeferredDel deferred = new DeferredDel(os, config, environment);
    try {
      InvokeReply reply = ask(config.agentSocket(), request, deadline(millis));
      if (reply.exitCode() == 0 && (operation == Operation.ADD || operation == Operation.DEL)) {
        deferred.forget();
      }
      return Outcome.of(reply.exitCode(), reply.stdout());
    } catch (CallException e) {
      return unanswered(operation, config, request, deferred, e.text());
    } catch (OsException e) {
      return unanswered(operation, config, request, deferred, e.text());
    }
  }

  private InvokeReply ask(String socket, byte[] request, Deadline deadline)
      throws CallException, OsException {
    Transport transport = os.connect(socket, deadline);
    try {
      byte[] reply =
          new UnaryCall(transport).invoke(METHOD, request, Math.max(1, deadline.remainingMillis()));
      return InvokeReply.decode(reply);
    } finally {
      transport.close();
    }
  }

  /**
   * A DEL must not fail for an agent that is away, nor be lost; all else the runtime tries again.
   */
  private Outcome unanswered(
      Operation operation, Config config, byte[] request, DeferredDel deferred, String reason)
      throws CniException {
    String details =
        "agent socket "
            + config.agentSocket()
            + "; see whether the agent runs on this node: kubectl -n kube-system get pods -l app=seine-agent -o wide";
    if (operation != Operation.DEL) {
      throw new CniException(
          operation.unavailableCode(), "the Seine agent did not answer: " + reason, details);
    }
    try {
      deferred.record(request);
      return Outcome.success(new byte[0]);
    } catch (OsException e) {
      throw new CniException(
          operation.unavailableCode(),
          "the Seine agent did not answer: "
              + reason
              + "; and the DEL could not be kept for later: "
              + e.text(),
          details);
    }
  }

  /**
   * The versions, in the version asked in; without input, or with one that says nothing, in the
   * newest.
   */
  private Outcome version() {
    try {
      stdin = readInput(deadline(Operation.VERSION.defaultMillis()));
    } catch (CniException e) {
      stdin = new byte[0];
    }
    StringBuilder json = new StringBuilder("{\"cniVersion\":");
    CniError.quote(json, Config.versionOf(stdin));
    json.append(",\"supportedVersions\":").append(SUPPORTED).append("}\n");
    return Outcome.success(json.toString().getBytes(StandardCharsets.UTF_8));
  }

  private byte[] readInput(Deadline deadline) throws CniException {
    byte[] input;
    try {
      input = os.readInput(MAX_STDIN, deadline);
    } catch (OsException e) {
      throw new CniException(
          CniError.IO_FAILURE, e.text(), "the runtime passes the network configuration there");
    }
    if (input.length > MAX_STDIN) {
      throw new CniException(
          CniError.DECODE_FAILURE,
          "the network configuration on standard input is larger than " + MAX_STDIN + " bytes",
          "");
    }
    return input;
  }

  private Deadline deadline(int millis) {
    return Deadline.after(os, startNanos, millis);
  }
}
