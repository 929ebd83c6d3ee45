package io.seine.agent.cni;

import com.google.protobuf.ByteString;
import io.grpc.Deadline;
import io.grpc.Status;
import io.seine.agent.cni.Readiness.NotReady;
import io.seine.cni.api.v1.InvokeReply;
import io.seine.cni.api.v1.InvokeRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Answers from the agent's first moment on: until the node's pod network is known, with the reason
 * why nothing can be connected yet, and then by the {@link CniHandler}. A DEL is not answered until
 * then, so that the plugin keeps it.
 */
public final class CniFront implements CniService {
  private final Readiness readiness;
  private final CniObserver observer;
  private final AtomicReference<Optional<CniService>> handler =
      new AtomicReference<>(Optional.empty());

  /**
   * @param observer of the requests that are answered here
   */
  public CniFront(Readiness readiness, CniObserver observer) {
    this.readiness = readiness;
    this.observer = observer;
  }

  /** Hands all requests to {@code service} from now on. */
  public void open(CniService service) {
    handler.set(Optional.of(service));
  }

  @Override
  public InvokeReply invoke(InvokeRequest request, Deadline deadline) {
    Optional<CniService> service = handler.get();
    if (service.isPresent()) {
      return service.get().invoke(request, deadline);
    }
    long start = System.nanoTime();
    CniVersion version = NetworkConfig.versionOrNewest(request.getStdin().toByteArray());
    if (request.getCommand().equals("VERSION")) {
      return reply(0, CniJson.versions(version));
    }
    String reason = readiness.notReady().map(NotReady::reason).orElse("it is starting");
    if (request.getCommand().equals("DEL")) {
      observer.answered("DEL", CniError.TRY_AGAIN_LATER, since(start));
      // The plugin keeps what is not answered, for DeferredDeletes, and tells the runtime that all
      // is well: a DEL must not fail because the agent is not up yet.
      throw Status.UNAVAILABLE
          .withDescription("the Seine agent is not ready: " + reason)
          .asRuntimeException();
    }
    boolean status = request.getCommand().equals("STATUS");
    CniError error =
        new CniError(
            status ? CniError.NOT_AVAILABLE : CniError.TRY_AGAIN_LATER,
            "the Seine agent is not ready: " + reason,
            "try again later; see the agent's log and its /readyz");
    observer.answered(request.getCommand(), error.code(), since(start));
    return reply(1, CniJson.error(version, error));
  }

  private static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private static InvokeReply reply(int exitCode, byte[] stdout) {
    return InvokeReply.newBuilder()
        .setExitCode(exitCode)
        .setStdout(ByteString.copyFrom(stdout))
        .build();
  }
}
