package io.seine.cli.flows;

import io.seine.agent.verdict.Judgement;
import io.seine.agent.verdict.RuleName;
import io.seine.agent.verdict.Step;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@link WhyView} as an object for programs. */
final class WhyJson {
  private WhyJson() {}

  static Map<String, Object> of(WhyView view) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("source", view.source());
    object.put("destination", view.destination());
    object.put("service", view.service());
    object.put("allowed", view.allowed());
    object.put("disagreement", view.disagrees());
    object.put("remark", view.remark());
    object.put("ways", view.ways().stream().map(WhyJson::way).toList());
    return object;
  }

  private static Map<String, Object> way(WhyView.Way way) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("from", way.from().address().toString());
    object.put("to", way.to().address().toString());
    object.put("toName", way.to().name());
    object.put("service", way.answer().connection().service());
    object.put("allowed", way.answer().allowed());
    object.put("judgements", way.answer().judgements().map(WhyJson::judgement).toList());
    object.put("switches", way.seen().stream().map(WhyJson::seen).toList());
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
    object.put("effect", step.effect().name().toLowerCase(Locale.ROOT));
    object.put("why", step.why());
    object.put("dryRun", step.dryRun());
    return object;
  }

  private static Map<String, Object> seen(WhyView.Seen seen) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("node", seen.node());
    object.put("does", seen.does());
    object.put("agrees", seen.expected().isEmpty());
    object.put("expected", seen.expected().orElse(""));
    return object;
  }
}
