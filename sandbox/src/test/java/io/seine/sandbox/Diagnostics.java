package io.seine.sandbox;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.seine.sandbox.node.SandboxNode;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * When a test on a sandbox fails, prints what one would look at first: flows, connections, rules,
 * logs, objects. Only for the first few failures of a run: later ones tend to be the same.
 */
final class Diagnostics implements AfterTestExecutionCallback {
  private static final int MOST = 6;

  /** Of wrong answers to the same questions; others tend to have the same cause. */
  private static final int ANSWERS = 2;

  private static final AtomicInteger PRINTED = new AtomicInteger();
  private static final Set<Throwable> SHOWN = ConcurrentHashMap.newKeySet();

  /** A test class that has a sandbox. */
  interface OnSandbox {
    SandboxView view();
  }

  @Override
  public void afterTestExecution(ExtensionContext context) {
    Throwable failure = context.getExecutionException().orElse(null);
    if (failure != null
        && !SHOWN.contains(failure)
        && context.getRequiredTestInstance() instanceof OnSandbox test) {
      print(context.getDisplayName(), test.view());
    }
  }

  /** Prints now what decides on packets of which the answer was wrong, while it still is. */
  static void wrong(SandboxView view, List<PacketEvidence.Asked> answers) {
    if (!answers.isEmpty() && PRINTED.incrementAndGet() <= MOST) {
      answers.stream()
          .limit(ANSWERS)
          .forEach(asked -> System.err.println(PacketEvidence.of(view, asked)));
    }
  }

  /** Prints now, before what the test made is removed. */
  static void show(String what, SandboxView view, Throwable failure) {
    if (SHOWN.add(failure)) {
      print(what, view);
    }
  }

  private static void print(String what, SandboxView view) {
    if (PRINTED.incrementAndGet() > MOST) {
      return;
    }
    System.err.println("==== " + what + " failed; the sandbox then:");
    objects(view.client());
    for (SandboxNode node : view.nodes()) {
      System.err.println("---- " + node.name());
      for (List<String> command :
          List.of(
              List.of("ovs-ofctl", "-O", "OpenFlow15", "dump-flows", "--names", "br-int"),
              List.of("ovs-ofctl", "-O", "OpenFlow15", "dump-groups", "br-int"),
              List.of("ovs-appctl", "dpctl/dump-conntrack"),
              List.of("nft", "list", "ruleset"),
              List.of("ip", "-4", "route"),
              List.of("ip", "-6", "route"),
              List.of("conntrack", "-L"))) {
        System.err.println(node.run(command.toArray(String[]::new)).out());
      }
      System.err.println(LogTail.of(node.agent().log(), 40));
    }
  }

  private static void objects(KubernetesClient client) {
    for (Pod pod : client.pods().inAnyNamespace().list().getItems()) {
      System.err.println(
          "pod %s/%s on %s: %s"
              .formatted(
                  pod.getMetadata().getNamespace(),
                  pod.getMetadata().getName(),
                  pod.getSpec().getNodeName(),
                  pod.getStatus() == null ? "-" : pod.getStatus().getPodIP()));
    }
    client
        .services()
        .inAnyNamespace()
        .list()
        .getItems()
        .forEach(service ->
            System.err.println(
                "service %s/%s: %s %s"
                    .formatted(
                        service.getMetadata().getNamespace(),
                        service.getMetadata().getName(),
                        service.getSpec(),
                        service.getStatus())));
    client
        .discovery()
        .v1()
        .endpointSlices()
        .inAnyNamespace()
        .list()
        .getItems()
        .forEach(slice ->
            System.err.println(
                "slice %s/%s: %s %s"
                    .formatted(
                        slice.getMetadata().getNamespace(),
                        slice.getMetadata().getName(),
                        slice.getPorts(),
                        slice.getEndpoints())));
    client
        .v1()
        .events()
        .inAnyNamespace()
        .list()
        .getItems()
        .forEach(
            event -> System.err.println("event " + event.getReason() + ": " + event.getMessage()));
  }
}
