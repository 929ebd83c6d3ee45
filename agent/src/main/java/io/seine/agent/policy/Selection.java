package io.seine.agent.policy;

/** Pods, by their namespace's labels or name and by their own labels. */
record Selection(Scope scope, Match pods) {
  /** All pods. */
  static final Selection ALL = new Selection(Scope.ALL, Match.ALL);

  /** {@code shop: app=web}, <code>{team=a}: *</code>. */
  @Override
  public String toString() {
    return scope + ": " + pods;
  }
}
