package io.seine.cni.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.seine.cni.api.v1.InvokeRequest;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the plugin answers, with the operating system and the agent in memory. */
class PluginTest {
  private static final String CONF =
      "{\"cniVersion\":\"1.0.0\",\"name\":\"seine\",\"type\":\"seine-cni\"}";
  private static final String RECORD = "/run/seine/deferred-del/c1@eth0.pb";

  @ParameterizedTest
  @CsvSource(
      value = {
        "{\"cniVersion\":\"0.4.0\"}|0.4.0",
        "''|1.1.0",
        "garbage|1.1.0",
        "{\"cniVersion\":7}|1.1.0"
      },
      delimiter = '|')
  void versionIsAnsweredWithoutAnAgent(String stdin, String version) {
    Outcome outcome = run(new FakeOs(Map.of("CNI_COMMAND", "VERSION")).stdin(stdin));
    assertThat(outcome.exitCode()).isZero();
    assertThat(text(outcome))
        .isEqualTo(
            "{\"cniVersion\":\""
                + version
                + "\",\"supportedVersions\":[\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]}\n");
  }

  @Test
  void theAgentsAnswerIsPassedOn() {
    FakeOs os = os("ADD").agent(reply(0, "{\"ips\":[]}"));
    Outcome outcome = run(os);
    assertThat(outcome.exitCode()).isZero();
    assertThat(text(outcome)).isEqualTo("{\"ips\":[]}");
    assertThat(os.connectedTo()).isEqualTo("/run/seine/cni.sock");
    Outcome failure = run(os("ADD").agent(reply(11, "{\"code\":11}")));
    assertThat(failure.exitCode()).isEqualTo(11);
    assertThat(text(failure)).isEqualTo("{\"code\":11}");
  }

  @ParameterizedTest
  @CsvSource({"ADD, 11", "CHECK, 11", "GC, 11", "STATUS, 50"})
  void withoutAnAgentTheRuntimeIsToldToTryAgain(String command, int code) {
    Outcome outcome = run(os(command));
    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(text(outcome))
        .startsWith(
            "{\"cniVersion\":\"1.0.0\",\"code\":"
                + code
                + ",\"msg\":\"the Seine agent did not answer: connecting to /run/seine/cni.sock")
        .contains(
            "\"details\":\"agent socket /run/seine/cni.sock",
            "kubectl -n kube-system get pods -l app=seine-agent");
  }

  @Test
  void withoutAnAgentADelIsKeptForLater() throws Exception {
    FakeOs os = os("DEL");
    Outcome outcome = run(os);
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.stdout()).isEmpty();
    assertThat(os.directories()).containsExactly("/run/seine", "/run/seine/deferred-del");
    assertThat(os.files()).containsOnlyKeys(RECORD);
    assertThat(InvokeRequest.parseFrom(os.files().get(RECORD)))
        .isEqualTo(
            InvokeRequest.newBuilder()
                .setCommand("DEL")
                .setContainerId("c1")
                .setNetns("/run/netns/x")
                .setIfname("eth0")
                .setStdin(ByteString.copyFromUtf8(CONF))
                .build());
  }

  @Test
  void aDelThatTheAgentCannotAnswerIsKeptToo() {
    byte[] refusal =
        Frames.concat(
            Frames.settings(),
            Frames.frame(
                Frame.HEADERS,
                5,
                1,
                Frames.concat(Frames.headBlock(), Frames.block("grpc-status", "14"))));
    for (byte[] reply : new byte[][] {refusal, Frames.settings(), new byte[] {1, 2, 3}}) {
      FakeOs os = os("DEL").agent(reply);
      assertThat(run(os).exitCode()).isZero();
      assertThat(os.files()).containsOnlyKeys(RECORD);
    }
  }

  @Test
  void aDelThatCannotBeKeptFails() {
    Outcome outcome = run(os("DEL").readOnly());
    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(text(outcome))
        .contains("\"code\":11", "could not be kept for later", "Read-only file system");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ADD", "DEL"})
  void onceTheAgentHasAnsweredAnOlderRecordIsDropped(String command) {
    FakeOs os = os(command).agent(reply(0, ""));
    os.files().put(RECORD, new byte[1]);
    assertThat(run(os).exitCode()).isZero();
    assertThat(os.files()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ADD", "DEL"})
  void aFailureOfTheAgentsLeavesTheRecord(String command) {
    FakeOs os = os(command).agent(reply(1, "{}"));
    os.files().put(RECORD, new byte[1]);
    assertThat(run(os).exitCode()).isEqualTo(1);
    assertThat(os.files()).containsOnlyKeys(RECORD);
  }

  @Test
  void pathsComeFromTheConfiguration() {
    FakeOs os = os("DEL").stdin("{\"agentSocket\":\"/a/b.sock\"}");
    assertThat(run(os).exitCode()).isZero();
    assertThat(os.connectedTo()).isEqualTo("/a/b.sock");
    assertThat(os.files()).containsOnlyKeys("/a/deferred-del/c1@eth0.pb");
    os = os("DEL").stdin("{\"agentSocket\":\"/b.sock\",\"stateDir\":\"/var/lib/seine\"}");
    assertThat(run(os).exitCode()).isZero();
    assertThat(os.files()).containsOnlyKeys("/var/lib/seine/deferred-del/c1@eth0.pb");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"agentSocket\":\"relative\"", "\"agentSocket\":1", "\"agentSocket\":\"/a\\u0000b\"",
            "\"stateDir\":\"\"",
        "\"timeoutSeconds\":\"5\"", "\"timeoutSeconds\":0", "\"timeoutSeconds\":-1",
            "\"timeoutSeconds\":1.5",
        "\"timeoutSeconds\":3601", "\"timeoutSeconds\":99999999999"
      })
  void wrongKeysOfOursAreNamed(String entry) {
    Outcome outcome = run(os("STATUS").stdin("{\"cniVersion\":\"0.4.0\"," + entry + "}"));
    assertThat(text(outcome))
        .startsWith("{\"cniVersion\":\"0.4.0\",\"code\":7,")
        .contains(entry.substring(1, entry.indexOf('"', 1)));
  }

  @Test
  void aSocketPathLongerThanTheKernelTakesIsRefused() {
    String path = "/" + "s".repeat(107);
    assertThat(text(run(os("STATUS").stdin("{\"agentSocket\":\"" + path + "\"}"))))
        .contains("\"code\":7");
    assertThat(
            text(
                run(
                    os("STATUS")
                        .stdin(
                            "{\"agentSocket\":\""
                                + path.substring(1).replaceFirst("s", "/")
                                + "\"}"))))
        .contains("\"code\":50");
  }

  @ParameterizedTest
  @CsvSource({
    "ADD, CNI_CONTAINERID",
    "ADD, CNI_NETNS",
    "ADD, CNI_IFNAME",
    "CHECK, CNI_NETNS",
    "DEL, CNI_CONTAINERID",
    "DEL, CNI_IFNAME"
  })
  void aMissingVariableIsNamed(String command, String name) {
    Map<String, String> environment = environment(command);
    environment.remove(name);
    assertThat(text(run(new FakeOs(environment).stdin(CONF))))
        .contains("\"code\":4,", name + " is not set");
    environment.put(name, "");
    assertThat(text(run(new FakeOs(environment).stdin(CONF))))
        .contains("\"code\":4,", name + " is not set");
  }

  @ParameterizedTest
  @CsvSource(
      value = {
        "CNI_CONTAINERID|-a",
        "CNI_CONTAINERID|a/b",
        "CNI_CONTAINERID|..",
        "CNI_CONTAINERID|a b",
        "CNI_CONTAINERID|\u00e9",
        "CNI_IFNAME|eth0/1",
        "CNI_IFNAME|a:b",
        "CNI_IFNAME|a b",
        "CNI_IFNAME|..",
        "CNI_IFNAME|.",
        "CNI_IFNAME|sixteen-letters-",
        "CNI_ARGS|raw:\u00ff",
        "CNI_PATH|raw:\u00c3",
        "CNI_NETNS|raw:\u00a0"
      },
      delimiter = '|')
  void aMalformedVariableIsNamed(String name, String value) {
    Map<String, String> environment = environment("ADD");
    environment.put(name, value);
    assertThat(text(run(new FakeOs(environment).stdin(CONF))))
        .contains("\"code\":4,", name + " is invalid");
  }

  @Test
  void aDelNeedsNoNetworkNamespace() {
    Map<String, String> environment = environment("DEL");
    environment.put("CNI_NETNS", "");
    assertThat(run(new FakeOs(environment).stdin(CONF).agent(reply(0, ""))).exitCode()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "add", "FOO", "ADD ", "raw:\u00ff"})
  void anUnknownCommandIsRefused(String command) {
    assertThat(text(run(new FakeOs(environment(command)).stdin(CONF))))
        .contains("\"code\":4,", "CNI_COMMAND");
  }

  @Test
  void inputThatIsNotJsonOrTooLargeIsRefused() {
    assertThat(text(run(os("ADD").stdin("{\"a\":")))).contains("\"code\":6,", "not valid JSON");
    assertThat(text(run(os("ADD").stdin("{\"a\":\"" + "x".repeat(1 << 20) + "\"}"))))
        .contains("\"code\":6,", "larger than 1048576 bytes");
  }

  @Test
  void errorsAreJsonWhateverTheyQuote() throws Exception {
    byte[] refusal =
        Frames.concat(
            Frames.settings(),
            Frames.frame(
                Frame.HEADERS,
                5,
                1,
                Frames.concat(
                    Frames.headBlock(),
                    Frames.block(
                        "grpc-status",
                        "2",
                        "grpc-message",
                        "%00%0A\"\\%1b%ff%ED%A0%80%F0%9F%98%80"))));
    String json = text(run(os("STATUS").agent(refusal)));
    assertThat(json).contains("UNKNOWN: \\u0000\\n\\\"\\\\\\u001b\ufffd");
    assertThat(JsonScan.topLevel(json, Set.of("msg")).get("msg"))
        .extracting("text")
        .asString()
        .endsWith("\ud83d\ude00");
  }

  @Test
  void recordNamesAreSafeAndDistinct() {
    assertThat(name("a-b", "c")).isEqualTo("a-b@c.pb");
    assertThat(name("a", "b-c")).isEqualTo("a@b%2dc.pb");
    assertThat(name("a", "@\u00e9")).isEqualTo("a@%40%c3%a9.pb");
    String one = name("x".repeat(10_000), "eth0");
    String two = name("x".repeat(9_999) + "y", "eth0");
    assertThat(one).hasSizeLessThan(255).isNotEqualTo(two);
  }

  private static String name(String containerId, String ifname) {
    return DeferredDel.name(
        containerId.getBytes(StandardCharsets.UTF_8), ifname.getBytes(StandardCharsets.UTF_8));
  }

  private static FakeOs os(String command) {
    return new FakeOs(environment(command)).stdin(CONF);
  }

  private static Map<String, String> environment(String command) {
    Map<String, String> environment = new HashMap<>();
    environment.put("CNI_COMMAND", command);
    environment.put("CNI_CONTAINERID", "c1");
    environment.put("CNI_NETNS", "/run/netns/x");
    environment.put("CNI_IFNAME", "eth0");
    return environment;
  }

  private static byte[] reply(int code, String stdout) {
    return Frames.reply(
        io.seine.cni.api.v1.InvokeReply.newBuilder()
            .setExitCode(code)
            .setStdout(ByteString.copyFromUtf8(stdout))
            .build()
            .toByteArray());
  }

  private static Outcome run(FakeOs os) {
    return Plugin.run(os, 0);
  }

  private static String text(Outcome outcome) {
    return new String(outcome.stdout(), StandardCharsets.UTF_8);
  }
}
