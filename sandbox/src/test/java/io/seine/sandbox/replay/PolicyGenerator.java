package io.seine.sandbox.replay;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.seine.agent.kube.ObjectKey;
import io.seine.openflow.Family;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes policies up, such as a real API server would take. */
final class PolicyGenerator {
  private final Random random;
  private final List<Family> families;

  PolicyGenerator(Random random, List<Family> families) {
    this.random = random;
    this.families = families;
  }

  String one(String... of) {
    return of[random.nextInt(of.length)];
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  Manifest networkPolicy(Scene scene, String name) {
    String namespace = one(scene.namespaces().keySet().toArray(String[]::new));
    ObjectNode body = head(Manifest.NETWORK_POLICY, name, namespace);
    ObjectNode spec = body.putObject("spec");
    spec.set("podSelector", selector(false));
    boolean ingress = chance(60);
    boolean egress = !ingress || chance(40);
    if (chance(75)) {
      ArrayNode types = spec.putArray("policyTypes");
      if (ingress) {
        types.add("Ingress");
      }
      if (egress) {
        types.add("Egress");
      }
    }
    if (ingress && chance(85)) {
      rules(scene, spec.putArray("ingress"), "from");
    }
    if (egress && chance(85)) {
      rules(scene, spec.putArray("egress"), "to");
    }
    return new Manifest(Manifest.NETWORK_POLICY, new ObjectKey(namespace, name), body);
  }

  private ObjectNode head(String kind, String name, String namespace) {
    ObjectNode body = CaseGenerator.object();
    body.put("apiVersion", Manifest.apiVersion(kind)).put("kind", kind);
    ObjectNode metadata = body.putObject("metadata").put("name", name);
    if (!namespace.isEmpty()) {
      metadata.put("namespace", namespace);
    }
    boolean dryRun = chance(20);
    boolean log = chance(12);
    if (dryRun || log) {
      ObjectNode annotations = metadata.putObject("annotations");
      if (dryRun) {
        annotations.put("seine.io/dry-run", "true");
      }
      if (log) {
        annotations.put("seine.io/log", one("denied", "allowed", "all"));
      }
    }
    return body;
  }

  private void rules(Scene scene, ArrayNode rules, String peers) {
    int count = random.nextInt(4);
    for (int i = 0; i < count; i++) {
      ObjectNode rule = rules.addObject();
      if (chance(85)) {
        ArrayNode list = rule.putArray(peers);
        for (int j = random.nextInt(3); j >= 0; j--) {
          peer(scene, list.addObject());
        }
      }
      if (chance(65)) {
        ArrayNode ports = rule.putArray("ports");
        for (int j = random.nextInt(3); j >= 0; j--) {
          port(ports.addObject());
        }
      }
    }
  }

  private void peer(Scene scene, ObjectNode peer) {
    int kind = random.nextInt(8);
    if (kind < 3) {
      Block block = block(scene);
      ObjectNode node = peer.putObject("ipBlock").put("cidr", block.cidr());
      if (!block.except().isEmpty()) {
        ArrayNode except = node.putArray("except");
        block.except().forEach(except::add);
      }
      return;
    }
    if (kind < 6) {
      peer.set("podSelector", selector(false));
    }
    if (kind > 4) {
      peer.set("namespaceSelector", selector(true));
    }
  }

  private record Block(String cidr, List<String> except) {}

  /** Blocks that lie in each other, with holes that do too. */
  private Block block(Scene scene) {
    boolean v4 = families.get(random.nextInt(families.size())) == Family.IPV4;
    String colon = v4 ? "" : ":6";
    String one = v4 ? "/32" : "/128";
    List<String> names = new ArrayList<>(List.of("client"));
    scene.pods().keySet().forEach(key -> names.add(key.toString()));
    String pod = "{" + one(names.toArray(String[]::new)) + colon + "}" + one;
    String pods = "{" + one("n1", "n2") + ".pods" + colon + "}";
    return switch (random.nextInt(5)) {
      case 0 ->
          new Block(
              v4 ? "0.0.0.0/0" : "::/0",
              some(
                  List.of(
                      pod,
                      pods,
                      v4 ? "10.0.0.0/16" : "fd00:10::/32",
                      v4 ? "198.51.100.0/24" : "2001:db8:f::/48",
                      v4 ? "0.0.0.0/1" : "::/1")));
      case 1 ->
          new Block(
              v4 ? "10.0.0.0/16" : "fd00:10::/32",
              some(
                  List.of(
                      pods,
                      v4 ? "10.0.1.0/30" : "fd00:10:0:1::/126",
                      v4 ? "10.0.2.2/31" : "fd00:10:0:2::2/127")));
      case 2 -> new Block(pods, List.of());
      case 3 -> new Block(pod, List.of());
      default ->
          new Block(
              v4 ? "198.51.100.0/24" : "2001:db8:f::/48",
              some(List.of("{client" + colon + "}" + one)));
    };
  }

  private List<String> some(List<String> all) {
    List<String> some = new ArrayList<>();
    for (String each : all) {
      if (chance(35)) {
        some.add(each);
      }
    }
    return some;
  }

  private void port(ObjectNode port) {
    if (chance(70)) {
      port.put("protocol", one("TCP", "TCP", "UDP", "SCTP"));
    }
    int kind = random.nextInt(10);
    if (kind < 4) {
      port.put("port", number());
    } else if (kind < 6) {
      int first = number();
      port.put("port", first).put("endPort", Math.min(65535, first + random.nextInt(9000)));
    } else if (kind < 9) {
      port.put("port", one("web", "dns", "sip"));
    }
  }

  private int number() {
    return CaseGenerator.PORTS.get(random.nextInt(CaseGenerator.PORTS.size()));
  }

  private ObjectNode selector(boolean namespaces) {
    ObjectNode selector = CaseGenerator.object();
    if (chance(30)) {
      return selector;
    }
    if (chance(60)) {
      selector.putObject("matchLabels").put(key(namespaces, 0), value(namespaces, 0));
    }
    if (chance(40)) {
      int which = random.nextInt(2);
      ObjectNode expression = selector.putArray("matchExpressions").addObject();
      String operator = one("In", "NotIn", "Exists", "DoesNotExist");
      expression.put("key", key(namespaces, which)).put("operator", operator);
      if (operator.endsWith("In")) {
        ArrayNode values = expression.putArray("values").add(value(namespaces, which));
        if (chance(40)) {
          values.add(value(namespaces, which));
        }
      }
    }
    return selector;
  }

  private static String key(boolean namespaces, int which) {
    return List.of("app", "tier", "team", "env").get(which + (namespaces ? 2 : 0));
  }

  private String value(boolean namespaces, int which) {
    if (namespaces) {
      return which == 0 ? one("red", "blue") : one("prod", "dev");
    }
    return which == 0 ? one("a", "b", "c") : one("front", "back");
  }

  Manifest clusterPolicy(Scene scene, String name) {
    ObjectNode body = head(Manifest.CLUSTER_POLICY, name, "");
    ObjectNode spec = body.putObject("spec");
    spec.put("tier", one("Admin", "Baseline"));
    spec.put("priority", List.of(0, 1, 5, 5, 1000).get(random.nextInt(5)));
    podsOrNamespaces(spec.putObject("subject"));
    if (chance(65)) {
      clusterRules(scene, spec.putArray("ingress"), "from");
    }
    if (chance(55)) {
      clusterRules(scene, spec.putArray("egress"), "to");
    }
    return new Manifest(Manifest.CLUSTER_POLICY, new ObjectKey("", name), body);
  }

  private void podsOrNamespaces(ObjectNode node) {
    if (chance(50)) {
      node.set("namespaces", selector(true));
    } else {
      ObjectNode pods = node.putObject("pods");
      pods.set("namespaceSelector", selector(true));
      pods.set("podSelector", selector(false));
    }
  }

  private void clusterRules(Scene scene, ArrayNode rules, String peers) {
    for (int i = random.nextInt(3); i >= 0; i--) {
      ObjectNode rule = rules.addObject().put("action", one("Accept", "Deny", "Deny", "Pass"));
      boolean podsOnly = true;
      ArrayNode list = rule.putArray(peers);
      for (int j = random.nextInt(2); j >= 0; j--) {
        podsOnly &= clusterPeer(scene, list.addObject(), peers.equals("to"));
      }
      if (chance(50)) {
        ArrayNode protocols = rule.putArray("protocols");
        for (int j = random.nextInt(2); j >= 0; j--) {
          protocol(protocols.addObject(), podsOnly);
        }
      }
    }
  }

  /** Whether it is one of pods, which alone have named ports. */
  private boolean clusterPeer(Scene scene, ObjectNode peer, boolean egress) {
    int kind = egress ? random.nextInt(10) : 0;
    if (kind >= 8) {
      peer.set("nodes", chance(30) ? CaseGenerator.object() : zone());
      return false;
    }
    if (kind >= 5) {
      ArrayNode networks = peer.putArray("networks").add(block(scene).cidr());
      String second = block(scene).cidr();
      if (chance(30) && !networks.get(0).asText().equals(second)) {
        networks.add(second);
      }
      return false;
    }
    podsOrNamespaces(peer);
    return true;
  }

  private ObjectNode zone() {
    ObjectNode selector = CaseGenerator.object();
    selector.putObject("matchLabels").put("zone", one("a", "b"));
    return selector;
  }

  private void protocol(ObjectNode protocol, boolean named) {
    if (named && chance(30)) {
      protocol.put("destinationNamedPort", one("web", "dns", "sip"));
      return;
    }
    ObjectNode port =
        protocol.putObject(one("tcp", "tcp", "udp", "sctp")).putObject("destinationPort");
    if (chance(60)) {
      port.put("number", number());
    } else {
      int first = Math.min(65000, number());
      port.putObject("range").put("start", first).put("end", first + 1 + random.nextInt(500));
    }
  }
}
