package io.seine.agent.cni;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.grpc.Deadline;
import io.seine.cni.api.v1.InvokeReply;
import io.seine.cni.api.v1.InvokeRequest;
import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import io.seine.pipeline.LocalPod;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The decisions of the CNI operations, on a node in memory. */
class CniHandlerTest extends HandlerOnFakeNode {
  @Test
  void aPodIsConnectedWithRowDevicesAndFlows() throws Exception {
    InvokeReply reply = add("c1");

    assertThat(reply.getExitCode()).isZero();
    PodPort row = node.rows.values().iterator().next();
    assertThat(row.portName()).matches("hello-ku-[0-9a-f]{6}");
    assertThat(row.owner()).isEqualTo("default/hello-kubernetes-x");
    assertThat(json(reply))
        .isEqualTo(
            JSON.readTree(
                """
                {"cniVersion":"1.1.0",
                 "interfaces":[{"name":"%s","mtu":1450},
                   {"name":"eth0","mac":"0a:58:0a:0a:01:02","sandbox":"%s","mtu":1450}],
                 "ips":[{"interface":1,"address":"10.10.1.2/24","gateway":"10.10.1.1"}],
                 "routes":[{"dst":"0.0.0.0/0","gw":"10.10.1.1"}],
                 "dns":{}}
                """
                    .formatted(row.portName(), NETNS)));
    assertThat(node.flows)
        .containsExactly(
            new LocalPod(
                "default",
                "hello-kubernetes-x",
                Ip.parse("10.10.1.2"),
                Mac.parse("0a:58:0a:0a:01:02"),
                3));
  }

  @ParameterizedTest
  @CsvSource({"0.3.1,4,false", "0.4.0,4,false", "1.0.0,'',false", "1.1.0,'',true"})
  void theResultHasTheFormOfTheVersionAsked(String version, String ipVersion, boolean mtu)
      throws Exception {
    InvokeReply reply = invoke(request("ADD", "c1", NETNS, CONF.replace("1.1.0", version)));

    JsonNode result = json(reply);
    assertThat(result.path("cniVersion").asText()).isEqualTo(version);
    assertThat(result.at("/ips/0/version").asText("")).isEqualTo(ipVersion);
    assertThat(result.at("/interfaces/1").has("mtu")).isEqualTo(mtu);
  }

  @Test
  void whatEarlierPluginsOfTheChainMadeComesFirstInTheResult() throws Exception {
    String conf =
        CONF.replace(
            "}",
            ",\"dns\":{\"nameservers\":[\"10.96.0.10\"]},\"prevResult\":{\"cniVersion\":\"1.1.0\","
                + "\"interfaces\":[{\"name\":\"lo\"}],\"ips\":[]}}");

    JsonNode result = json(invoke(request("ADD", "c1", NETNS, conf)));

    assertThat(result.at("/interfaces/0/name").asText()).isEqualTo("lo");
    assertThat(result.at("/ips/0/interface").asInt()).isEqualTo(2);
    assertThat(result.at("/dns/nameservers/0").asText()).isEqualTo("10.96.0.10");
  }

  @ParameterizedTest
  @ValueSource(strings = {"create", "add", "ofport", "flows"})
  void aFailureAtAnyStepLeavesNothingBehind(String step) throws Exception {
    node.failing.add(step);

    InvokeReply reply = add("c1");

    assertError(reply, 11, step + " failed");
    assertThat(node.isClean()).isTrue();
    assertThat(pools.usage().inUse()).isZero();
  }

  @Test
  void whatCannotBeUndoneIsLeftToDelAndItsAddressIsNotGivenMeanwhile() throws Exception {
    node.failing.add("flows");
    node.failing.add("remove");
    assertThat(add("c1").getExitCode()).isEqualTo(1);
    assertThat(pools.usage().inUse()).isEqualTo(1);
    node.failing.clear();

    assertThat(invoke(request("DEL", "c1", NETNS, CONF)).getExitCode()).isZero();

    assertThat(node.isClean()).isTrue();
    assertThat(pools.usage().inUse()).isZero();
  }

  @Test
  void theSameAddAgainGivesTheSameAnswerAndRestoresTheFlows() throws Exception {
    InvokeReply first = add("c1");
    node.flows.clear();

    assertThat(add("c1")).isEqualTo(first);

    assertThat(node.flows).hasSize(1);
    assertThat(pools.usage().inUse()).isEqualTo(1);
  }

  @Test
  void anAddAgainAfterTheInterfaceIsGoneIsDoneAnew() throws Exception {
    add("c1");
    node.removeNamespace(NETNS);
    node.namespace(NETNS);

    InvokeReply reply = add("c1");

    assertThat(json(reply).at("/ips/0/address").asText()).isEqualTo("10.10.1.3/24");
    assertThat(node.rows).hasSize(1);
    assertThat(node.flows).hasSize(1);
  }

  @Test
  void anInterfaceOfAnotherPluginIsNotTouched() throws Exception {
    add("c1");

    assertError(add("c2"), 100, "is in /run/netns/pod already");

    assertThat(node.rows).hasSize(1);
    assertThat(pools.usage().inUse()).isEqualTo(1);
  }

  @Test
  void aDeviceThatACrashLeftIsReplaced() throws Exception {
    add("c1");
    node.rows.clear(); // as if the agent had ended before it wrote the row
    handler = handler();

    assertThat(add("c1").getExitCode()).isZero();

    assertThat(node.devices).hasSize(1);
  }

  @Test
  void delTakesEverythingAwayAndSucceedsAgainAndAgain() {
    add("c1");

    for (int i = 0; i < 3; i++) {
      InvokeReply reply = invoke(request("DEL", "c1", i == 0 ? NETNS : "", CONF));
      assertThat(reply.getExitCode()).isZero();
      assertThat(reply.getStdout()).isEqualTo(ByteString.EMPTY);
    }

    assertThat(node.isClean()).isTrue();
    assertThat(pools.usage().resting()).isEqualTo(1);
  }

  @Test
  void delNeedsNeitherNamespaceNorConfigurationNorArguments() {
    add("c1");
    node.removeNamespace(NETNS);

    InvokeRequest bare =
        InvokeRequest.newBuilder()
            .setCommand("DEL")
            .setContainerId("c1")
            .setIfname("eth0")
            .setStdin(ByteString.copyFromUtf8("{broken"))
            .build();

    assertThat(invoke(bare).getExitCode()).isZero();
    assertThat(node.isClean()).isTrue();
  }

  @Test
  void delWorksAlsoWhenTheAgentIsNotReady() {
    add("c1");
    node.notReady = Optional.of(new Readiness.NotReady("the switch is away", true));

    assertThat(invoke(request("DEL", "c1", NETNS, CONF)).getExitCode()).isZero();

    assertThat(node.isClean()).isTrue();
  }

  @Test
  void delOfAnOldContainerLeavesTheFlowsOfItsPodsNewOne() {
    add("old");
    node.namespace("/run/netns/new");
    invoke(request("ADD", "new", "/run/netns/new", CONF));

    invoke(request("DEL", "old", NETNS, CONF));

    assertThat(node.flows).extracting(LocalPod::address).containsExactly(Ip.parse("10.10.1.3"));
    assertThat(node.rows).hasSize(1);
  }

  @Test
  void addWhileNotReadyIsPutOffWithTheReason() throws Exception {
    node.notReady = Optional.of(new Readiness.NotReady("the switch is not connected", false));

    assertError(add("c1"), 11, "not ready: the switch is not connected");

    assertThat(node.isClean()).isTrue();
  }

  @Test
  void anExhaustedPoolIsAnErrorWithNumbersAndAnEvent() throws Exception {
    pools = FakeNode.pools("10.10.1.0/29");
    handler = handler();
    for (int i = 0; i < 5; i++) {
      node.namespace("/run/netns/p" + i);
      assertThat(invoke(request("ADD", "p" + i, "/run/netns/p" + i, CONF)).getExitCode()).isZero();
    }

    assertError(add("c1"), 11, "5 in use, 0 resting, 0 free of 5");

    assertThat(node.events).hasSize(1);
    assertThat(node.events.getFirst())
        .startsWith("PodAddressesExhausted: no IPv4 address for a pod is free");
    assertThat(node.rows).hasSize(5);
    assertThat(node.devices).hasSize(5);
  }

  @Test
  void anAddressAskedForIsGivenOnlyIfFree() throws Exception {
    InvokeRequest wanting =
        request("ADD", "c1", NETNS, CONF).toBuilder().setArgs("IP=10.10.1.77").build();
    assertThat(json(invoke(wanting)).at("/ips/0/address").asText()).isEqualTo("10.10.1.77/24");

    node.namespace("/run/netns/b");
    InvokeRequest again = wanting.toBuilder().setContainerId("c2").setNetns("/run/netns/b").build();
    assertError(invoke(again), 11, "another pod has it");
    assertError(
        invoke(again.toBuilder().setArgs("IP=192.0.2.1").build()), 7, "not in the node's pod CIDR");
  }

  @Test
  void checkSucceedsOnWhatAddMadeAndNamesEveryDifference() throws Exception {
    String result = add("c1").getStdout().toStringUtf8();
    String conf = CONF.replace("}", ",\"prevResult\":" + result + "}");
    assertThat(invoke(request("CHECK", "c1", NETNS, conf)).getExitCode()).isZero();

    node.flows.clear();
    node.namespaces
        .computeIfAbsent(NETNS, path -> new HashMap<>())
        .computeIfPresent(
            "eth0",
            (n, f) ->
                FakeNode.with(f, Optional.of(Mac.parse("02:00:00:00:00:09")), 1400, List.of()));

    InvokeReply reply = invoke(request("CHECK", "c1", NETNS, conf));
    assertError(reply, 101, "interface eth0 has MAC 02:00:00:00:00:09, not 0a:58:0a:0a:01:02");
    assertThat(reply.getStdout().toStringUtf8())
        .contains("MTU 1400, not 1450")
        .contains("lacks address 10.10.1.2/24")
        .contains("its flows are not in the switch");
    assertError(invoke(request("CHECK", "c9", NETNS, conf)), 3, "no port for container c9");
    assertError(invoke(request("CHECK", "c1", NETNS, CONF)), 7, "without prevResult");
  }

  @Test
  void gcRemovesWhatTheRuntimeHasNoMoreOfThisNetworkOnly() throws Exception {
    for (String id : List.of("keep", "drop")) {
      node.namespace("/run/netns/" + id);
      invoke(request("ADD", id, "/run/netns/" + id, CONF));
    }
    node.namespace("/run/netns/other");
    invoke(
        request(
            "ADD", "other", "/run/netns/other", CONF.replace("\"seine\",\"type", "\"x\",\"type")));
    node.devices.put("orphan-123456", "/run/netns/gone");
    String conf =
        CONF.replace(
            "}",
            ",\"cni.dev/valid-attachments\":[{\"containerID\":\"keep\",\"ifname\":\"eth0\"}]}");

    assertThat(invoke(request("GC", "", "", conf)).getExitCode()).isZero();

    assertThat(node.rows.values())
        .extracting(p -> p.attachment().containerId())
        .containsExactlyInAnyOrder("keep", "other");
    assertThat(node.devices).hasSize(2);
    assertError(invoke(request("GC", "", "", CONF)), 7, "valid-attachments");
    assertThat(node.rows).hasSize(2);
  }

  @Test
  void statusSaysWhetherAndWhyNot() throws Exception {
    InvokeRequest status = request("STATUS", "", "", CONF);
    assertThat(invoke(status)).isEqualTo(InvokeReply.getDefaultInstance());

    node.notReady = Optional.of(new Readiness.NotReady("the node has no pod CIDR", false));
    assertError(invoke(status), 50, "the node has no pod CIDR");
    node.notReady = Optional.of(new Readiness.NotReady("the switch is away", true));
    assertError(invoke(status), 51, "the switch is away");
  }

  @Test
  void versionListsAllAndAnswersInTheVersionAsked() throws Exception {
    JsonNode versions = json(invoke(request("VERSION", "", "", CONF.replace("1.1.0", "0.4.0"))));

    assertThat(versions)
        .isEqualTo(
            JSON.readTree(
                "{\"cniVersion\":\"0.4.0\",\"supportedVersions\":"
                    + "[\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]}"));
    assertThat(json(invoke(request("VERSION", "", "", ""))).path("cniVersion").asText())
        .isEqualTo("1.1.0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ADD | {\"cniVersion\":\"0.2.0\",\"name\":\"n\",\"type\":\"seine\"} | 1 | 0.2.0",
        "ADD | {\"name\":\"n\",\"type\":\"seine\"} | 1 | no cniVersion",
        "GC | {\"cniVersion\":\"1.0.0\",\"name\":\"n\",\"type\":\"seine\"} | 1 | has no GC",
        "CHECK | {\"cniVersion\":\"0.3.1\",\"name\":\"n\",\"type\":\"seine\"} | 1 | has no CHECK",
        "ADD | {\"cniVersion\":\"1.1.0\",\"type\":\"seine\"} | 7 | no name",
        "ADD | {\"cniVersion\":\"1.1.0\",\"name\":\"n\"} | 7 | no type",
        "ADD | {\"cniVersion\":\"1.1.0\",\"name\":\"n\",\"type\":\"seine\",\"mtu\":100} | 7 | mtu",
        "ADD | {\"cniVersion\":\"1.1.0\",\"name\":\"n\",\"type\":\"seine\",\"mtu\":9000} | 7 | 1450",
        "ADD | {\"cniVersion\":\"1.1.0\",\"name\":\"n\",\"type\":\"s\",\"ipam\":{\"type\":\"host-local\"}} | 2 | host-local",
        "ADD | {\"cniVersion\":\"1.1.0\",\"name\":\"n\",\"type\":\"s\",\"runtimeConfig\":{\"mac\":\"0a:00:00:00:00:01\"}} | 2 | MAC",
        "ADD | {nonsense | 6 | not JSON",
        "ADD | [] | 6 | not a JSON object",
        "NONSENSE | {} | 4 | CNI_COMMAND"
      })
  void aRequestThatIsWrongIsRefusedWithItsCode(String command, String conf, int code, String text)
      throws Exception {
    assertError(invoke(request(command, "c1", NETNS, conf)), code, text);
    assertThat(node.isClean()).isTrue();
  }

  @Test
  void theEnvironmentIsChecked() throws Exception {
    InvokeRequest good = request("ADD", "c1", NETNS, CONF);
    assertError(invoke(good.toBuilder().clearContainerId().build()), 4, "CNI_CONTAINERID");
    assertError(invoke(good.toBuilder().setContainerId("../x").build()), 4, "CNI_CONTAINERID");
    assertError(invoke(good.toBuilder().clearIfname().build()), 4, "CNI_IFNAME");
    assertError(invoke(good.toBuilder().setIfname("a/b").build()), 4, "CNI_IFNAME");
    assertError(invoke(good.toBuilder().clearNetns().build()), 4, "CNI_NETNS");
    assertError(invoke(good.toBuilder().setArgs("junk").build()), 4, "junk");
    assertError(invoke(good.toBuilder().setNetns("/run/netns/no").build()), 3, "/run/netns/no");
  }

  @Test
  void anExpiredDeadlineLeavesNothingBehind() throws Exception {
    InvokeReply reply =
        handler.invoke(request("ADD", "c1", NETNS, CONF), Deadline.after(-1, TimeUnit.SECONDS));

    assertError(reply, 11, "ran out");
    assertThat(node.isClean()).isTrue();
    assertThat(pools.usage().inUse()).isZero();
  }

  @Test
  void aRestartedAgentAdoptsRowsAndRemovesWhatTheNodesRestartLeft() throws Exception {
    add("c1");
    node.namespace("/run/netns/b");
    invoke(request("ADD", "c2", "/run/netns/b", CONF));
    node.removeNamespace("/run/netns/b");
    node.devices.put("orphan-123456", "/run/netns/gone");
    node.flows.clear();
    pools = FakeNode.pools("10.10.1.0/24");
    handler = handler();

    List<LocalPod> pods = handler.adopt();

    assertThat(pods).extracting(LocalPod::address).containsExactly(Ip.parse("10.10.1.2"));
    assertThat(node.rows).hasSize(1);
    assertThat(node.devices).hasSize(1);
    assertThat(pools.usage().inUse()).isEqualTo(1);
    assertThat(invoke(request("DEL", "c1", NETNS, CONF)).getExitCode()).isZero();
    assertThat(node.isClean()).isTrue();
  }

  @Test
  void aPortThatGotAnotherNumberIsConnectedAgain() throws Exception {
    add("c1");
    node.ofports.replaceAll((name, old) -> 77);

    handler.refresh();

    assertThat(node.flows).extracting(LocalPod::ofport).containsExactly(77);
  }

  @Test
  void manyPodsComeAndGoSideBySideWithoutSharingAnAddress() throws Exception {
    try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < 2; round++) {
        List<Future<InvokeReply>> adds = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
          String id = "r" + round + "-" + i;
          node.namespace("/run/netns/" + id);
          adds.add(
              workers.submit(() ->
                  invoke(
                      request("ADD", id, "/run/netns/" + id, CONF).toBuilder()
                          .setArgs("K8S_POD_NAMESPACE=a;K8S_POD_NAME=" + id)
                          .build())));
        }
        Set<String> addresses = new HashSet<>();
        for (Future<InvokeReply> reply : adds) {
          assertThat(addresses.add(json(reply.get()).at("/ips/0/address").asText())).isTrue();
        }
        List<Future<InvokeReply>> deletes = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
          String id = "r" + round + "-" + i;
          deletes.add(workers.submit(() -> invoke(request("DEL", id, "", CONF))));
        }
        for (Future<InvokeReply> reply : deletes) {
          assertThat(reply.get().getExitCode()).isZero();
        }
        assertThat(node.isClean()).isTrue();
      }
    }
  }
}
