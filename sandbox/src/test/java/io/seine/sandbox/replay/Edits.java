package io.seine.sandbox.replay;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes cases of others. */
final class Edits {
  private static final List<Class<? extends Change>> ORDER =
      List.of(
          Change.Delete.class,
          Change.AddNamespace.class,
          Change.AddPod.class,
          Change.AddService.class,
          Change.Labels.class,
          Change.Apply.class);

  private Edits() {}

  /**
   * In the order in which files have the changes of a step, as far as they make sense in it: what
   * is only there by an earlier change of the step cannot be deleted or labelled by it.
   */
  static List<Change> inOrderOfFiles(List<Change> changes) {
    List<Change> ordered = new ArrayList<>();
    for (Class<? extends Change> kind : ORDER) {
      changes.stream().filter(kind::isInstance).forEach(ordered::add);
    }
    return ordered;
  }

  static Scene after(Scene scene, List<Change> changes) {
    Scene after = scene;
    for (Change change : changes) {
      after = after.after(change);
    }
    return after;
  }

  /**
   * The case with this beginning and these steps, whose clusters are worked out anew.
   *
   * @throws CaseException if it makes no sense
   */
  static Case rebuild(Case from, Scene start, List<Step> steps) {
    List<Step> anew = new ArrayList<>();
    Scene scene = start;
    for (Step step : steps) {
      scene = after(scene, step.changes());
      anew.add(new Step(step.say(), step.changes(), scene, step.probes()));
    }
    return new Case(
        from.name(),
        from.about(),
        from.reference(),
        from.isolateNamespaces(),
        from.families(),
        from.outside(),
        start,
        anew);
  }

  /** The case that expects what the API's documents say. */
  static Case expecting(Case open) throws Exception {
    try (EvaluatorExecutor evaluator = new EvaluatorExecutor()) {
      evaluator.begin(open);
      List<Step> steps = new ArrayList<>();
      for (Step step : open.steps()) {
        var found = evaluator.perform(step);
        steps.add(
            step.expecting(
                step.probes().stream()
                    .map(
                        p -> p.expecting(Optional.ofNullable(found.get(p)).orElseThrow().outcome()))
                    .toList()));
      }
      return open.withSteps(steps);
    }
  }
}
