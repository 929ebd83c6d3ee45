package io.seine.sandbox;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.seine.sandbox.api.EmbeddedApiServer;
import io.seine.sandbox.api.TcpForwarder;
import io.seine.sandbox.control.ControlPlane;
import io.seine.sandbox.kubelet.CniRuntime;
import io.seine.sandbox.kubelet.Kubelet;
import io.seine.sandbox.kubelet.KubeletNode;
import io.seine.sandbox.kubelet.Responder;
import io.seine.sandbox.node.AgentProcess;
import io.seine.sandbox.node.Cidr;
import io.seine.sandbox.node.JavaCommand;
import io.seine.sandbox.node.Layout;
import io.seine.sandbox.node.SandboxNode;
import io.seine.sandbox.node.Underlay;
import io.seine.sandbox.process.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A cluster on this machine, made by and living as long as this object: the API server, controllers
 * and kubelets are threads of this JVM; each node has its own Open vSwitch and agent processes.
 * Closing it removes everything; if the JVM dies instead, {@link #remove} or the next {@link #up}
 * of the same name does.
 *
 * <pre>
 *   agents, kubectl-like clients ──► API server ◄── controllers, kubelets (this JVM)
 *                                                      │ runs the CNI executable
 *   namespaces:   lan ── node-1 (OVS, agent) ── pods   ▼
 *                  └──── node-2 (OVS, agent) ── pods
 * </pre>
 */
public final class Sandbox implements AutoCloseable {
  /** Where the API server is found on every node. */
  private static final InetSocketAddress API_ON_NODE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 6443);

  private static final Duration AGENT_READY = Duration.ofSeconds(90);
  private static final Duration TUNNELS = Duration.ofSeconds(60);
  private final Layout layout;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private SandboxView view;

  private Sandbox(SandboxSpec spec, Progress progress) {
    this.layout = new Layout(spec.name());
    try {
      this.view = build(spec, progress);
    } catch (RuntimeException | Error e) {
      try {
        tearDown();
      } catch (RuntimeException alsoFailed) {
        e.addSuppressed(alsoFailed);
      }
      throw e;
    }
  }

  /**
   * Makes a sandbox and returns when every agent has converged. What an earlier one of the same
   * name left behind is removed first.
   *
   * @throws SandboxException if the machine lacks something, one of that name is up, or an agent
   *     does not get ready; then nothing is left behind
   */
  public static Sandbox up(SandboxSpec spec, Progress progress) {
    Preconditions.check();
    Layout layout = new Layout(spec.name());
    if (Cleaner.daemon(layout).isPresent()
        && Cleaner.daemon(layout).getAsLong() != ProcessHandle.current().pid()) {
      throw new SandboxException(
          "sandbox '" + spec.name() + "' is up already; `seine sandbox down` ends it");
    }
    if (Cleaner.hasRemains(layout)) {
      progress.step("removed what an earlier sandbox left", () -> Cleaner.clean(layout));
    }
    return new Sandbox(spec, progress);
  }

  /** Removes all of a sandbox, whoever made it and whatever state it is in. */
  public static void remove(String name) {
    Cleaner.clean(new Layout(name));
  }

  /** Whether there is anything to remove. */
  public static boolean hasRemains(String name) {
    return Cleaner.hasRemains(new Layout(name));
  }

  /** The sandbox as everyone sees it: nodes, API, pods. */
  public SandboxView view() {
    return view;
  }

  private SandboxView build(SandboxSpec spec, Progress progress) {
    makeDirectories();
    String apiUrl = startApi(spec, progress);
    SandboxState state = state(spec, apiUrl);
    state.write(layout);
    SandboxView made = own(new SandboxView(layout, state));
    Underlay[] underlay = new Underlay[1];
    progress.step(
        "underlay 172.31.200.0/24, outside host " + Underlay.OUTSIDE,
        () -> {
          underlay[0] = Underlay.create(layout);
          own(outside(underlay[0]));
        });
    List<SandboxNode> nodes = made.nodes();
    inParallel(nodes, (node, number) -> createNode(node, number, underlay[0], made, progress));
    registerNodes(made.client(), nodes, spec);
    if (spec.agents()) {
      startAgents(spec, made, progress);
    } else {
      nodes.forEach(node ->
          node.ovs().vsctl("remove", "Open_vSwitch", ".", "other_config", "flow-restore-wait"));
    }
    startControllers(spec, made);
    return made;
  }

  private String startApi(SandboxSpec spec, Progress progress) {
    if (spec.kubeconfig().isPresent()) {
      return "";
    }
    EmbeddedApiServer[] server = new EmbeddedApiServer[1];
    progress.step("API server (embedded)", () -> server[0] = own(EmbeddedApiServer.start()));
    return server[0].url();
  }

  private void createNode(
      SandboxNode node, int number, Underlay underlay, SandboxView made, Progress progress) {
    progress.step(
        "%s: Open vSwitch up, %s, pods %s"
            .formatted(
                node.name(), String.join(" ", node.addresses()), String.join(" ", node.podCidrs())),
        () -> {
          node.create(underlay, number);
          own(TcpForwarder.start(node.namespace(), API_ON_NODE, apiAddress(made)));
        });
  }

  private static InetSocketAddress apiAddress(SandboxView view) {
    URI uri = URI.create(view.client().getConfiguration().getMasterUrl());
    int standard = "https".equals(uri.getScheme()) ? 443 : 80;
    return new InetSocketAddress(uri.getHost(), uri.getPort() > 0 ? uri.getPort() : standard);
  }

  private static Responder outside(Underlay underlay) {
    return Responder.start(underlay.namespace(), List.of(80), "outside", Map.of("pod", "outside"));
  }

  private void registerNodes(KubernetesClient client, List<SandboxNode> nodes, SandboxSpec spec) {
    if (spec.kubeconfig().isEmpty()) {
      for (String name : List.of("default", "kube-system")) {
        client
            .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
            .create();
      }
    }
    for (SandboxNode node : nodes) {
      Node object = NodeObjects.of(node, zone(node, spec));
      Node created = client.resource(object).createOr(r -> r.update());
      if (created.getStatus() == null || created.getStatus().getAddresses().isEmpty()) {
        client.resource(object).updateStatus();
      }
    }
  }

  private static String zone(SandboxNode node, SandboxSpec spec) {
    return spec.nodes().stream()
        .filter(wanted -> wanted.name().equals(node.name()))
        .map(NodeSpec::zone)
        .findFirst()
        .orElse("");
  }

  private void startAgents(SandboxSpec spec, SandboxView made, Progress progress) {
    JavaCommand java = JavaCommand.current();
    for (SandboxNode node : made.nodes()) {
      node.agent().configure(AgentOptions.of(spec, node, made, API_ON_NODE));
      node.agent().start(java);
    }
    inParallel(
        made.nodes(),
        (node, number) -> progress.step(node.name() + ": agent ready", () -> awaitReady(node)));
    progress.step(
        "tunnels between all nodes",
        () ->
            made.nodes()
                .forEach(node -> {
                  if (!Waiting.until(TUNNELS, node.agent()::hearsEveryPeer)) {
                    throw new SandboxException(
                        "%s hears no answer from some peer after %d s; see %s"
                            .formatted(node.name(), TUNNELS.toSeconds(), node.agent().log()));
                  }
                }));
  }

  private static void awaitReady(SandboxNode node) {
    AgentProcess agent = node.agent();
    boolean ready = Waiting.until(AGENT_READY, () -> agent.hasEnded() || agent.isReady());
    if (agent.hasEnded()) {
      throw new SandboxException(
          "the agent of %s ended; the end of its log:%n%s"
              .formatted(node.name(), LogTail.of(agent.log(), 15)));
    }
    if (!ready) {
      throw new SandboxException(
          "the agent of %s is not ready after %d s: %s; the end of its log:%n%s%nits threads:%n%s"
              .formatted(
                  node.name(),
                  AGENT_READY.toSeconds(),
                  agent.missing().orElse("now it is"),
                  LogTail.of(agent.log(), 15),
                  agent.threads()));
    }
  }

  private void startControllers(SandboxSpec spec, SandboxView made) {
    if (spec.kubeconfig().isEmpty()) {
      own(new ControlPlane(made.client(), spec.serviceCidrs()));
    }
    if (spec.agents()) {
      List<KubeletNode> kubelets = made.nodes().stream().map(node -> kubelet(node, spec)).toList();
      own(new Kubelet(made.client(), kubelets, layout));
    }
  }

  private KubeletNode kubelet(SandboxNode node, SandboxSpec spec) {
    String conflist =
        CniPlugins.forNode(
            spec.cniConfig().orElseGet(CniPlugins::defaultConfig), node.agent().cniSocket());
    return new KubeletNode(
        node.name(),
        node.addresses(),
        node.namespace(),
        new CniRuntime(node.namespace(), CniPlugins.directories(), conflist));
  }

  private void makeDirectories() {
    try {
      var _ =
          Files.createDirectories(
              layout.podsDirectory(),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SandboxState state(SandboxSpec spec, String apiUrl) {
    List<SandboxState.NodeState> nodes = new ArrayList<>();
    for (NodeSpec node : spec.nodes()) {
      nodes.add(
          new SandboxState.NodeState(
              node.name(), node.podCidrs(), nodeAddresses(nodes.size() + 1, spec)));
    }
    return new SandboxState(
        spec.name(),
        apiUrl,
        spec.kubeconfig().map(file -> file.toAbsolutePath().toString()).orElse(""),
        spec.serviceCidrs(),
        spec.podCidrs(),
        nodes);
  }

  private static List<String> nodeAddresses(int number, SandboxSpec spec) {
    return spec.podCidrs().stream()
        .map(cidr -> Underlay.nodeAddress(number, Cidr.isV6(cidr)))
        .toList();
  }

  private <T extends AutoCloseable> T own(T part) {
    synchronized (parts) {
      parts.push(part);
    }
    return part;
  }

  /** Takes everything down; idempotent. */
  @Override
  public void close() {
    tearDown();
  }

  private void tearDown() {
    while (true) {
      AutoCloseable part;
      synchronized (parts) {
        part = parts.poll();
      }
      if (part == null) {
        break;
      }
      try {
        part.close();
      } catch (Exception e) {
        throw new IllegalStateException("cannot end " + part.getClass().getSimpleName(), e);
      }
    }
    Cleaner.clean(layout);
  }

  /** What to do with a node and its number, counted from 1. */
  private interface NodeAction {
    void run(SandboxNode node, int number);
  }

  private static void inParallel(List<SandboxNode> nodes, NodeAction action) {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> futures = new ArrayList<>();
      for (int i = 0; i < nodes.size(); i++) {
        SandboxNode node = nodes.get(i);
        int number = i + 1;
        futures.add(executor.submit(() -> action.run(node, number)));
      }
      for (Future<?> future : futures) {
        future.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxException("interrupted while the nodes were made");
    }
  }
}
