-- The plan: goals, what is tried and how it went, a graded return, adjustments, and every version that was agreed.
-- What is written later supersedes a revision; others refer to a root, the id of the first one.

CREATE TABLE plans (
    id UUID PRIMARY KEY,
    root_id UUID NOT NULL,
    revision BIGINT NOT NULL,
    superseded_by UUID REFERENCES plans (id) DEFERRABLE INITIALLY DEFERRED,
    superseded_reason TEXT,
    case_id UUID NOT NULL REFERENCES cases (id),
    kind TEXT NOT NULL,               -- choice: organisation::PlanType
    wants TEXT,                       -- the person's own words
    review_on DATE,
    author_id UUID NOT NULL REFERENCES accounts (id),
    written_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX plans_current ON plans (case_id) WHERE superseded_by IS NULL;
CREATE INDEX plans_case ON plans (case_id, revision);

CREATE TABLE plan_goals (
    id UUID PRIMARY KEY,
    root_id UUID NOT NULL,
    revision BIGINT NOT NULL,
    superseded_by UUID REFERENCES plan_goals (id) DEFERRABLE INITIALLY DEFERRED,
    superseded_reason TEXT,
    case_id UUID NOT NULL REFERENCES cases (id),
    words TEXT NOT NULL,              -- the person's own
    state TEXT NOT NULL,              -- choice: plan::GoalState
    author_id UUID NOT NULL REFERENCES accounts (id),
    written_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX plan_goals_current ON plan_goals (root_id) WHERE superseded_by IS NULL;
CREATE INDEX plan_goals_case ON plan_goals (case_id, root_id, revision);

CREATE TABLE plan_actions (
    id UUID PRIMARY KEY,
    root_id UUID NOT NULL,
    revision BIGINT NOT NULL,
    superseded_by UUID REFERENCES plan_actions (id) DEFERRABLE INITIALLY DEFERRED,
    superseded_reason TEXT,
    case_id UUID NOT NULL REFERENCES cases (id),
    goal_id UUID REFERENCES plan_goals (id),       -- the root
    obstacle_id UUID REFERENCES obstacles (id),    -- the root
    what TEXT NOT NULL,
    who TEXT NOT NULL,                -- choice: plan::Who
    service TEXT,                     -- choice: plan::Service
    who_name TEXT,                    -- of the service or person
    by_on DATE,
    when_words TEXT,                  -- when, where and how, in the person's words
    where_words TEXT,
    how_words TEXT,
    if_words TEXT,                    -- if this, then that
    then_words TEXT,
    state TEXT NOT NULL,              -- choice: plan::ActionState; what the newest step says
    author_id UUID NOT NULL REFERENCES accounts (id),
    written_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX plan_actions_current ON plan_actions (root_id) WHERE superseded_by IS NULL;
CREATE INDEX plan_actions_case ON plan_actions (case_id, root_id, revision);
CREATE INDEX plan_actions_open ON plan_actions (case_id, by_on) WHERE superseded_by IS NULL AND state IN ('to_do', 'sent', 'taken_up');
CREATE INDEX plan_actions_obstacle ON plan_actions (obstacle_id);

-- What happened with something to try: sent, taken up, tried, and how it went. The newest row stands.
CREATE TABLE plan_action_steps (
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    action_id UUID NOT NULL REFERENCES plan_actions (id),  -- the root
    number BIGINT NOT NULL,           -- from 1, within the action
    contact_id UUID REFERENCES contacts (id),      -- the root of the contact in which it was told
    state TEXT NOT NULL,              -- choice: plan::ActionState
    happened_on DATE NOT NULL,
    went TEXT,                        -- choice: plan::HowItWent
    words TEXT,                       -- the person's own
    author_id UUID NOT NULL REFERENCES accounts (id),
    written_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX plan_action_steps_case ON plan_action_steps (case_id, action_id);
CREATE UNIQUE INDEX plan_action_steps_number ON plan_action_steps (action_id, number);
CREATE INDEX plan_action_steps_contact ON plan_action_steps (contact_id);

CREATE TABLE graded_returns (
    id UUID PRIMARY KEY,
    root_id UUID NOT NULL,
    revision BIGINT NOT NULL,
    superseded_by UUID REFERENCES graded_returns (id) DEFERRABLE INITIALLY DEFERRED,
    superseded_reason TEXT,
    case_id UUID NOT NULL REFERENCES cases (id),
    starts_on DATE,                   -- NULL: no date yet, which is complete
    weeks JSONB NOT NULL,             -- plan::week::GradedReturn, whole
    author_id UUID NOT NULL REFERENCES accounts (id),
    written_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX graded_returns_current ON graded_returns (case_id) WHERE superseded_by IS NULL;
CREATE INDEX graded_returns_case ON graded_returns (case_id, revision);

-- What happened in a week, beside what was planned.
CREATE TABLE graded_return_weeks (
    id UUID PRIMARY KEY,
    root_id UUID NOT NULL,
    revision BIGINT NOT NULL,
    superseded_by UUID REFERENCES graded_return_weeks (id) DEFERRABLE INITIALLY DEFERRED,
    superseded_reason TEXT,
    case_id UUID NOT NULL REFERENCES cases (id),
    week BIGINT NOT NULL,             -- from 1
    went TEXT NOT NULL,               -- choice: plan::week::Went
    days JSONB NOT NULL,              -- plan::week::Day
    minutes BIGINT,                   -- worked in the week
    words TEXT,                       -- the person's own
    author_id UUID NOT NULL REFERENCES accounts (id),
    written_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX graded_return_weeks_current ON graded_return_weeks (case_id, week) WHERE superseded_by IS NULL;

CREATE TABLE adjustments (
    id UUID PRIMARY KEY,
    root_id UUID NOT NULL,
    revision BIGINT NOT NULL,
    superseded_by UUID REFERENCES adjustments (id) DEFERRABLE INITIALLY DEFERRED,
    superseded_reason TEXT,
    case_id UUID NOT NULL REFERENCES cases (id),
    kind TEXT NOT NULL,               -- choice: plan::adjustment::Kind
    what TEXT NOT NULL,
    why TEXT,                         -- what it makes possible; never a diagnosis
    advice TEXT,                      -- what was advised: it binds nobody
    advice_from TEXT,                 -- choice: plan::adjustment::AdviceFrom
    state TEXT NOT NULL,              -- choice: plan::adjustment::State; what the newest step says
    decision TEXT,                    -- the employer's, in their words: what the newest decision says
    author_id UUID NOT NULL REFERENCES accounts (id),
    written_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX adjustments_current ON adjustments (root_id) WHERE superseded_by IS NULL;
CREATE INDEX adjustments_case ON adjustments (case_id, root_id, revision);

CREATE TABLE adjustment_steps (
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    adjustment_id UUID NOT NULL REFERENCES adjustments (id),   -- the root
    number BIGINT NOT NULL,           -- from 1, within the adjustment
    state TEXT NOT NULL,              -- choice: plan::adjustment::State
    happened_on DATE NOT NULL,
    asked_by TEXT,                    -- choice: plan::adjustment::AskedBy
    words TEXT,                       -- of a decision, the employer's
    review_on DATE,
    author_id UUID NOT NULL REFERENCES accounts (id),
    written_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX adjustment_steps_case ON adjustment_steps (case_id, adjustment_id);
CREATE UNIQUE INDEX adjustment_steps_number ON adjustment_steps (adjustment_id, number);

CREATE TABLE plan_conversations (
    id UUID PRIMARY KEY,
    root_id UUID NOT NULL,
    revision BIGINT NOT NULL,
    superseded_by UUID REFERENCES plan_conversations (id) DEFERRABLE INITIALLY DEFERRED,
    superseded_reason TEXT,
    case_id UUID NOT NULL REFERENCES cases (id),
    with_whom TEXT,
    opening TEXT,                     -- all in the person's own words
    hope TEXT,
    keep_private TEXT,
    if_words TEXT,
    then_words TEXT,
    author_id UUID NOT NULL REFERENCES accounts (id),
    written_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX plan_conversations_current ON plan_conversations (case_id) WHERE superseded_by IS NULL;

-- A plan as it was agreed, whole. It is never changed.
CREATE TABLE plan_versions (
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    number BIGINT NOT NULL,           -- from 1
    snapshot JSONB NOT NULL,          -- plan::snapshot::Snapshot
    why TEXT,                         -- what this version is about
    author_id UUID NOT NULL REFERENCES accounts (id),
    written_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT plan_versions_number UNIQUE (case_id, number)
);
CREATE TABLE plan_agreements (
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    version_id UUID NOT NULL REFERENCES plan_versions (id),
    party TEXT NOT NULL,              -- choice: plan::snapshot::Party
    name TEXT,
    how TEXT NOT NULL,                -- choice: plan::snapshot::How
    agreed_on DATE NOT NULL,
    author_id UUID NOT NULL REFERENCES accounts (id),
    written_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX plan_agreements_case ON plan_agreements (case_id, written_at, id);
