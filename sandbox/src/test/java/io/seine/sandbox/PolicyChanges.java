package io.seine.sandbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Random changes of policies, labels and pods around the apps {@code server}, {@code allowed},
 * {@code forbidden} and {@code bystander} of a scene. None of them changes that {@code allowed} and
 * not {@code forbidden} is let in at {@code server}: they allow others more, deny others more, and
 * say once again what holds anyway.
 */
final class PolicyChanges {
  private static final int POLICIES = 8;
  private static final int CLUSTER_WIDE = 4;

  /** What gives allowed and forbidden their verdicts, with a name for each of its two copies. */
  private static final String VERDICTS =
      """
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: verdicts-%s}
      spec:
        podSelector: {matchLabels: {app: server}}
        ingress: [{from: [{podSelector: {matchLabels: {app: allowed}}}]}]
      """;

  /** In the namespace; each also lets in those that are allowed anyway, or none that matter. */
  private static final List<String> RULES =
      List.of(
          "[{from: [{podSelector: {matchLabels: {app: allowed}}}]}]",
          "[{from: [{podSelector: {matchLabels: {app: bystander}}}], ports: [{port: %d}]}]",
          "[{from: [{podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [forbidden]}]}}]}]",
          "[{from: [{ipBlock: {cidr: 198.51.100.0/24, except: [198.51.100.%d/32]}}]}]",
          "[{from: [{podSelector: {matchLabels: {app: bystander, team: t%d}}}], ports: [{port: http}]}]",
          "[{from: [{namespaceSelector: {matchLabels: {nobody: n%d}}}]}]",
          "[{ports: [{protocol: SCTP, port: %d, endPort: 40000}]}]",
          "[]");

  private static final List<String> CLUSTER_RULES =
      List.of(
          "{action: Deny, from: [%s]}".formatted(peer("forbidden")),
          "{action: Pass, from: [%s]}".formatted(peer("allowed")),
          "{action: Accept, from: [%s]}".formatted(peer("allowed")),
          "{action: Deny, from: [%s], protocols: [{tcp: {destinationPort: {number: 1}}}]}"
              .formatted(peer("bystander")),
          "{action: Pass, from: [{namespaces: {}}], protocols: [{sctp: {destinationPort: {number: 7}}}]}");

  private final Scene scene;
  private final Random random;
  private String verdicts = "a";

  PolicyChanges(Scene scene, Random random) {
    this.scene = scene;
    this.random = random;
  }

  /** Gives the paths their verdicts. */
  void begin() {
    scene.apply(VERDICTS.formatted(verdicts));
  }

  /** Lets another policy of the same content take over before the one that holds goes. */
  private void handOver() {
    String next = verdicts.equals("a") ? "b" : "a";
    scene.apply(VERDICTS.formatted(next));
    scene.delete(VERDICTS.formatted(verdicts));
    verdicts = next;
  }

  /** Makes one. */
  void next() {
    int number = random.nextInt(POLICIES);
    switch (random.nextInt(11)) {
      case 0, 1, 2 -> scene.apply(policy(number));
      case 3 -> scene.delete(policy(number));
      case 4, 5, 6 -> scene.apply(clusterWide(number % CLUSTER_WIDE));
      case 7 -> scene.delete(clusterWide(number % CLUSTER_WIDE));
      case 8 -> relabel(random.nextBoolean() ? "server" : "bystander-1");
      case 9 -> handOver();
      default -> relabel("allowed-" + (1 + random.nextInt(2)));
    }
  }

  /** Takes back all policies that it may have made. */
  void undo() {
    scene.delete(VERDICTS.formatted(verdicts));
    IntStream.range(0, POLICIES).forEach(number -> scene.delete(policy(number)));
    clusterWide().forEach(scene::delete);
  }

  /** All that are in no namespace, to be deleted. */
  static List<String> clusterWide() {
    return IntStream.range(0, CLUSTER_WIDE)
        .mapToObj(number -> clusterWide(number, "Admin", 0, List.of(CLUSTER_RULES.getFirst())))
        .toList();
  }

  private String policy(int number) {
    String subject = random.nextBoolean() ? "{matchLabels: {app: server}}" : "{}";
    return """
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: other-%d}
    spec:
      podSelector: %s
      policyTypes: [Ingress]
      ingress: %s
    """
        .formatted(
            number,
            subject,
            RULES.get(random.nextInt(RULES.size())).formatted(1 + random.nextInt(200)));
  }

  private String clusterWide(int number) {
    List<String> rules = new ArrayList<>(CLUSTER_RULES);
    java.util.Collections.shuffle(rules, random);
    return clusterWide(
        number,
        random.nextBoolean() ? "Admin" : "Baseline",
        random.nextInt(1001),
        rules.subList(0, 1 + random.nextInt(rules.size() - 1)));
  }

  private static String clusterWide(int number, String tier, int priority, List<String> rules) {
    return """
    apiVersion: policy.networking.k8s.io/v1alpha2
    kind: ClusterNetworkPolicy
    metadata: {name: other-%d}
    spec:
      tier: %s
      priority: %d
      subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: server}}}}
      ingress:
      - %s
    """
        .formatted(number, tier, priority, String.join("\n  - ", rules));
  }

  private static String peer(String app) {
    return "{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: %s}}}}".formatted(app);
  }

  /** Gives a pod another value of a label that some policies look at. */
  private void relabel(String pod) {
    scene.label(pod, "team", "t" + (1 + random.nextInt(200)));
  }
}
