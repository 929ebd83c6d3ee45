package io.seine.pipeline;

import static io.seine.pipeline.ServiceCases.C;
import static io.seine.pipeline.ServiceCases.NODE;
import static io.seine.pipeline.ServiceCases.PEER;
import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Ip;
import io.seine.openflow.OvsText;
import io.seine.pipeline.explain.ExplainedFlow;
import io.seine.pipeline.explain.Explainer;
import io.seine.pipeline.explain.Names;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each case of the Service API as a text, in src/test/resources/golden/service: what the service's
 * flows are for, in words, and as {@code ovs-ofctl} writes them.
 */
class ServiceCompilerTest {
  private static Stream<ServiceCases.Case> cases() {
    return ServiceCases.all().stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aCaseIsTheTextThatWasReviewed(ServiceCases.Case tested) {
    FlowSet set = ServiceCompiler.compile(tested.service(), new GroupIds());
    Golden.compare(
        Path.of("src/test/resources/golden/service", tested.name() + ".txt"), text(tested, set));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void noTwoFlowsAreOneEntryAndNoTwoGroupsHaveOneId(ServiceCases.Case tested) {
    FlowSet set = ServiceCompiler.compile(tested.service(), new GroupIds());
    assertThat(set.flows()).extracting(Flow::key).doesNotHaveDuplicates();
    assertThat(set.groups()).extracting(Group::id).doesNotHaveDuplicates();
  }

  @Test
  void whereTwoWaysAreOneTheFirstCounts() {
    ServiceFact.Frontend twice = ServiceCases.clusterIp("10.100.0.7", ServiceFact.Policy.CLUSTER);
    FlowSet set =
        ServiceCompiler.compile(
            ServiceCases.service(
                ServiceCases.port(
                    ServiceFact.Protocol.TCP,
                    List.of(twice, twice),
                    ServiceCases.endpoints("10.0.1.2"),
                    List.of())),
            new GroupIds());
    assertThat(set.flows()).hasSize(1);
  }

  private static Names names(ServiceFact service, FlowSet set) {
    return new Names()
        .node(NODE)
        .peer(PEER)
        .pod(ServiceCases.A)
        .pod(ServiceCases.B)
        .pod(C, Ip.parse("10.0.2.9"))
        .pod(C, Ip.parse("fd00:10:0:2::9"))
        .service(service)
        .owned(service.owner(), set);
  }

  private static String text(ServiceCases.Case tested, FlowSet set) {
    Explainer explainer = new Explainer(names(tested.service(), set), set.groups());
    StringBuilder text = new StringBuilder();
    text.append("# ").append(tested.story()).append(".\n");
    List<ExplainedFlow> flows =
        explainer.explain(
            set.flows().stream()
                .map(f ->
                    new InstalledFlow(
                        f, Cookie.of(Owner.Kind.SERVICE, f), Duration.ZERO, 0, 0, 0, 0))
                .toList());
    String table = "";
    for (ExplainedFlow flow : flows) {
      if (!flow.table().equals(table)) {
        table = flow.table();
        text.append("\n## ").append(table).append('\n');
      }
      text.append("# ").append(flow.intention()).append('\n');
      text.append(OvsText.of(flow.raw().flow()).strip()).append('\n');
    }
    for (Group group : set.groups()) {
      text.append("\n## Group ").append(Integer.toUnsignedString(group.id())).append('\n');
      explainer
          .explain(group)
          .endpoints()
          .forEach(e -> text.append("# %.1f %%: %s\n".formatted(e.share() * 100, e.target())));
      text.append(OvsText.of(group).strip().replace(",bucket=", ",\n    bucket=")).append('\n');
    }
    return text.toString();
  }
}
