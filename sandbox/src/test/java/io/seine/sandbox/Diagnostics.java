package io.seine.sandbox;

import io.seine.sandbox.node.SandboxNode;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * When a test on a sandbox fails, prints what one would look at first: flows, connections, logs,
 * pods.
 */
final class Diagnostics implements AfterTestExecutionCallback {
  /** A test class that has a sandbox. */
  interface OnSandbox {
    SandboxView view();
  }

  @Override
  public void afterTestExecution(ExtensionContext context) {
    if (context.getExecutionException().isEmpty()
        || !(context.getRequiredTestInstance() instanceof OnSandbox test)) {
      return;
    }
    SandboxView view = test.view();
    System.err.println("==== " + context.getDisplayName() + " failed; the sandbox then:");
    view.client()
        .pods()
        .inAnyNamespace()
        .list()
        .getItems()
        .forEach(pod ->
            System.err.println(
                "pod %s/%s on %s: %s"
                    .formatted(
                        pod.getMetadata().getNamespace(),
                        pod.getMetadata().getName(),
                        pod.getSpec().getNodeName(),
                        pod.getStatus() == null ? "-" : pod.getStatus().getPodIP())));
    view.client()
        .v1()
        .events()
        .inAnyNamespace()
        .list()
        .getItems()
        .forEach(
            event -> System.err.println("event " + event.getReason() + ": " + event.getMessage()));
    for (SandboxNode node : view.nodes()) {
      System.err.println("---- " + node.name());
      System.err.println(
          node.run("ovs-ofctl", "-O", "OpenFlow15", "dump-flows", "--names", "br-int").out());
      System.err.println(node.run("ovs-appctl", "dpctl/dump-conntrack").out());
      System.err.println(LogTail.of(node.agent().log(), 40));
    }
  }
}
