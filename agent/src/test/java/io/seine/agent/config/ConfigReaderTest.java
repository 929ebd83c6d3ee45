package io.seine.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigReaderTest {
  private static final String LEAST = "nodeName: n1\nserviceCidrs: [100.64.0.0/16]\n";

  private static AgentConfig read(String text) throws ConfigException {
    return ConfigReader.parse("agent.yaml", text, name -> "");
  }

  private static List<String> mistakes(String text) {
    return String.valueOf(
            catchThrowableOfType(ConfigException.class, () -> read(text)).getMessage())
        .lines()
        .toList();
  }

  @Test
  void shouldFillInDefaults() throws ConfigException {
    AgentConfig config = read(LEAST);

    assertThat(config.bridge()).isEqualTo("br-int");
    assertThat(config.tunnelType()).isEqualTo(TunnelType.GENEVE);
    assertThat(config.tunnelPort()).isEqualTo(6081);
    assertThat(config.mtu()).isEmpty();
    assertThat(config.auditInterval()).isEqualTo(Duration.ofSeconds(60));
    assertThat(config.masquerade()).isTrue();
    assertThat(config.cniSocket()).isEqualTo(Path.of("/run/seine/cni.sock"));
    assertThat(config.externalIpCidrs()).containsExactly("0.0.0.0/0", "::/0");
    assertThat(config.nodePortAddresses()).isEmpty();
    assertThat(config.serviceProxyName()).isEmpty();
    assertThat(config.skipServices()).isEmpty();
  }

  @Test
  void shouldReadWhatIsSaidOfServices() throws ConfigException {
    AgentConfig config =
        read(
            LEAST
                + """
                externalIpCidrs: []
                nodePortAddresses: [192.168.0.0/16, "fd00::/64"]
                serviceProxyName: seine
                skipServices: [kube-system/kube-dns, 100.64.0.10, "fd00::a"]
                """);

    assertThat(config.externalIpCidrs()).as("none is not the default").isEmpty();
    assertThat(config.nodePortAddresses()).containsExactly("192.168.0.0/16", "fd00::/64");
    assertThat(config.serviceProxyName()).contains("seine");
    assertThat(config.skipServices())
        .containsExactly("kube-system/kube-dns", "100.64.0.10", "fd00::a");
  }

  @Test
  void shouldTakeTheNodeNameFromTheEnvironment() throws ConfigException {
    AgentConfig config =
        ConfigReader.parse(
            "agent.yaml",
            "serviceCidrs: [100.64.0.0/16]",
            name -> name.equals("NODE_NAME") ? "from-env" : "");

    assertThat(config.nodeName()).isEqualTo("from-env");
  }

  @Test
  void shouldTakeTheTunnelPortOfTheTunnelType() throws ConfigException {
    assertThat(read(LEAST + "tunnelType: vxlan").tunnelPort()).isEqualTo(4789);
    assertThat(read(LEAST + "tunnelType: vxlan\ntunnelPort: 8472").tunnelPort()).isEqualTo(8472);
  }

  @Test
  void shouldNameEveryMistakeWithItsLine() {
    assertThat(mistakes("nodeName: n1\nbrige: br0\nserviceCidrs: [10.0.0.1/8]\nhttpPort: 70000\n"))
        .containsExactly(
            "agent.yaml:2:1: unknown option 'brige'; did you mean 'bridge'?",
            "agent.yaml:3:16: 'serviceCidrs' has bits set behind its prefix length, so it is an"
                + " address and not a network: '10.0.0.1/8'; it takes IP networks",
            "agent.yaml:4:11: 'httpPort' 70000 is not in 0..65535; it takes number 0..65535");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "auditInterval: 10      | 'auditInterval' is not a duration",
        "auditInterval: 100ms   | 'auditInterval' 100ms is not in 1s..3600s",
        "masquerade: maybe      | 'masquerade' is neither true nor false",
        "tunnelType: gre        | 'tunnelType' 'gre' is none of geneve, vxlan",
        "mtu: 100               | 'mtu' 100 is not in 576..65000",
        "mtu: many              | 'mtu' is not a whole number: 'many'",
        "cniSocket: run/x       | 'cniSocket' is not an absolute path",
        "apiServer: 10.0.0.1    | 'apiServer' is not an http or https URL",
        "bridge: a/b            | 'bridge' is not an interface name",
        "bridge:                | 'bridge' has no value",
        "bridge: [a, b]         | 'bridge' takes one value: interface name",
        "clusterPodCidrs: 1/8   | 'clusterPodCidrs' takes a list of IP networks",
        "transportAddress: 1.02.3.4 | 'transportAddress' is not an IP address",
        "clusterPodCidrs: ['fd00::1/64'] | 'clusterPodCidrs' has bits set behind",
        "clusterPodCidrs: ['fd00::/129'] | 'clusterPodCidrs' is not an IP network",
        "clusterPodCidrs: [10.0.0.0] | 'clusterPodCidrs' is not an IP network",
        "transportAddress: 'fe80::1%eth0' | 'transportAddress' is not an IP address",
        "externalIpCidrs: [192.0.2.1/24] | 'externalIpCidrs' has bits set behind",
        "serviceProxyName: a b  | 'serviceProxyName' is not a label value",
        "skipServices: [kube-dns] | 'skipServices' is neither a service such as",
        "nodeName: n2           | option 'nodeName' is already set on line 1",
        "zzz: 1                 | unknown option 'zzz'; docs/configuration.md lists them all",
      })
  void shouldSayWhatIsWrongWithAValue(String line, String expected) {
    assertThat(mistakes(LEAST + line))
        .singleElement()
        .asString()
        .startsWith("agent.yaml:3:")
        .contains(expected);
  }

  @Test
  void shouldNameWhatIsMissing() {
    assertThat(mistakes(""))
        .containsExactly(
            "agent.yaml: 'serviceCidrs' must be set; it takes IP networks",
            "agent.yaml: 'nodeName' is not set, and neither is the environment variable NODE_NAME");
  }

  @Test
  void shouldNameTheLineThatIsNoYaml() {
    assertThat(mistakes("nodeName: n1\nbridge: [a\n"))
        .singleElement()
        .asString()
        .startsWith("agent.yaml:3:1: is not YAML: ");
    assertThat(mistakes("- a\n- b\n"))
        .containsExactly("agent.yaml:1:1: expected 'option: value' lines");
  }
}
