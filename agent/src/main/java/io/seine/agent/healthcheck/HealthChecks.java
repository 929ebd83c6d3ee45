package io.seine.agent.healthcheck;

import io.seine.agent.events.Events;
import io.seine.agent.events.Problem;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.openflow.Ip;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The health checks of all services ({@code spec.healthCheckNodePort}), one port for each. A port
 * that is taken is told by an Event on the service and tried again at {@link #retry}. Safe for any
 * thread.
 */
public final class HealthChecks implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HealthChecks.class);

  private final String node;
  private List<Ip> addresses;
  private final BooleanSupplier healthy;
  private final Events events;
  private final Map<ObjectKey, Check> checks = new HashMap<>();
  private boolean closed;

  private static final class Check {
    private final ObjectRef service;
    private final int port;
    private volatile int localEndpoints;
    private Optional<Listener> listener = Optional.empty();
    private String failure = "";

    private Check(ObjectRef service, int port) {
      this.service = service;
      this.port = port;
    }
  }

  /**
   * @param node who says it in events
   * @param addresses the node's own
   * @param healthy whether the node serves what it should; if not, load balancers are to pass it by
   */
  public HealthChecks(String node, List<Ip> addresses, BooleanSupplier healthy, Events events) {
    this.node = node;
    this.addresses = List.copyOf(addresses);
    this.healthy = healthy;
    this.events = events;
  }

  /**
   * From now on the service's port answers with this number.
   *
   * @param localEndpoints how many of the service's endpoints on this node are ready
   */
  public synchronized void put(ObjectRef service, int port, int localEndpoints) {
    Optional<Check> before = Optional.ofNullable(checks.get(service.key()));
    if (before.filter(c -> c.port == port).isPresent()) {
      before.get().localEndpoints = localEndpoints;
      return;
    }
    remove(service.key());
    if (closed) {
      return;
    }
    Check check = new Check(service, port);
    check.localEndpoints = localEndpoints;
    checks.put(service.key(), check);
    open(check);
  }

  public synchronized void remove(ObjectKey service) {
    Optional.ofNullable(checks.remove(service)).flatMap(c -> c.listener).ifPresent(Listener::close);
  }

  /** The node's own addresses are these from now on. */
  public synchronized void addresses(List<Ip> own) {
    if (!own.equals(addresses)) {
      addresses = List.copyOf(own);
      for (Check check : checks.values()) {
        check.listener.ifPresent(Listener::close);
        check.listener = Optional.empty();
        open(check);
      }
    }
  }

  /** Opens those whose port was taken. */
  public synchronized void retry() {
    checks.values().stream().filter(c -> c.listener.isEmpty()).forEach(this::open);
  }

  /** How many ports answer. */
  public synchronized int open() {
    return (int) checks.values().stream().filter(c -> c.listener.isPresent()).count();
  }

  /** The services whose port could not be opened, with the reason. */
  public synchronized List<Problem> problems() {
    return checks.values().stream()
        .filter(c -> c.listener.isEmpty())
        .map(c ->
            new Problem(
                c.service, "FailedToStartServiceHealthcheck", c.failure, Problem.Cause.NODE))
        .toList();
  }

  private void open(Check check) {
    try {
      check.listener =
          Optional.of(
              Listener.start(
                  addresses,
                  check.port,
                  () ->
                      new Answer(
                          check.service.key(), check.localEndpoints, healthy.getAsBoolean())));
      check.failure = "";
      LOG.info("health checks are answered: service={} port={}", check.service.key(), check.port);
    } catch (IOException e) {
      String failure =
          "node %s cannot answer health checks of the service: %s; load balancers will pass this node by"
              .formatted(node, e.getMessage());
      if (!failure.equals(check.failure)) {
        check.failure = failure;
        events.warning(check.service, "FailedToStartServiceHealthcheck", failure);
      }
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    checks.values().forEach(c -> c.listener.ifPresent(Listener::close));
    checks.clear();
  }
}
