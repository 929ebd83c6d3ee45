package io.seine.cli.flows;

import io.seine.agent.verdict.Judgement;
import io.seine.agent.verdict.RuleName;
import io.seine.agent.verdict.Step;
import io.seine.openflow.Ip;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@link WhyView} as an object for programs: every way, and the same keys always. */
final class WhyJson {
  private WhyJson() {}

  static Map<String, Object> of(WhyView view) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("source", end(view.source()));
    object.put("destination", end(view.destination()));
    object.put("service", view.service());
    object.put("verdict", lower(view.verdict()));
    object.put("allowed", view.verdict() == WhyView.Verdict.ALLOWED);
    object.put("wouldBeDenied", view.wouldBeDenied());
    object.put("disagreement", view.disagrees());
    object.put("remarks", view.remarks());
    object.put("ways", view.ways().stream().map(WhyJson::way).toList());
    object.put("failures", view.failures().stream().map(WhyJson::failure).toList());
    return object;
  }

  private static Map<String, Object> end(WhyView.End end) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("name", end.name());
    object.put("addresses", end.addresses().stream().map(Ip::toString).toList());
    object.put("node", end.node());
    return object;
  }

  private static Map<String, Object> way(WhyView.Way way) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("from", end(way.from()));
    object.put("to", end(way.to()));
    object.put("service", way.answer().connection().service());
    object.put("seenFrom", way.answer().connection().source().toString());
    object.put("allowed", way.answer().allowed());
    object.put("wouldBeDenied", way.wouldBeDenied());
    object.put("confirmed", way.confirmed());
    object.put("judgements", way.answer().judgements().map(WhyJson::judgement).toList());
    object.put("switches", way.seen().stream().map(WhyJson::seen).toList());
    return object;
  }

  private static Map<String, Object> failure(WhyView.Failure failure) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("why", failure.why());
    object.put("switches", failure.seen().stream().map(WhyJson::seen).toList());
    return object;
  }

  private static Map<String, Object> judgement(Judgement judgement) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("direction", judgement.direction().label());
    object.put("pod", judgement.pod().toString());
    object.put("allowed", judgement.allowed());
    object.put("wouldBeDenied", judgement.wouldBeDenied());
    object.put("steps", steps(judgement.steps()));
    object.put("dryRun", judgement.trial().map(t -> steps(t.steps())).orElse(List.of()));
    return object;
  }

  private static List<Map<String, Object>> steps(List<Step> steps) {
    return steps.stream().map(WhyJson::step).toList();
  }

  private static Map<String, Object> step(Step step) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("tier", step.tier().label());
    object.put("rule", step.rule().map(RuleName::toString).orElse(""));
    object.put("effect", lower(step.effect()));
    object.put("why", step.why());
    object.put("dryRun", step.dryRun());
    return object;
  }

  private static Map<String, Object> seen(WhyView.Seen seen) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("node", seen.node());
    object.put("does", seen.does());
    object.put("asked", seen.asked());
    object.put("agrees", seen.agrees());
    object.put("expected", seen.expected().orElse(""));
    return object;
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
