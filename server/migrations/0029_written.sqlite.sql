-- Which parts of a case anything was ever written in, a bit for each, so that the page of a case asks one row and not 22 tables. Triggers set the
-- bits: no writer can forget to. A bit is not taken back when rows are disposed of; `handrail rebuild` does that.
ALTER TABLE cases ADD COLUMN written BIGINT NOT NULL DEFAULT 0;
UPDATE cases SET written =
    CASE WHEN EXISTS (SELECT 1 FROM step_changes WHERE case_id = cases.id)
        OR EXISTS (SELECT 1 FROM handovers WHERE case_id = cases.id)
        OR EXISTS (SELECT 1 FROM closures WHERE case_id = cases.id) THEN 1 ELSE 0 END
    + CASE WHEN EXISTS (SELECT 1 FROM fit_notes WHERE case_id = cases.id) THEN 2 ELSE 0 END
    + CASE WHEN EXISTS (SELECT 1 FROM assessment_sections WHERE case_id = cases.id)
        OR EXISTS (SELECT 1 FROM demands WHERE case_id = cases.id)
        OR EXISTS (SELECT 1 FROM obstacles WHERE case_id = cases.id)
        OR EXISTS (SELECT 1 FROM strengths WHERE case_id = cases.id)
        OR EXISTS (SELECT 1 FROM ruler_readings WHERE case_id = cases.id)
        OR EXISTS (SELECT 1 FROM work_reports WHERE case_id = cases.id) THEN 4 ELSE 0 END
    + CASE WHEN EXISTS (SELECT 1 FROM concerns WHERE case_id = cases.id) THEN 8 ELSE 0 END
    + CASE WHEN EXISTS (SELECT 1 FROM questionnaire_responses WHERE case_id = cases.id) THEN 16 ELSE 0 END
    + CASE WHEN EXISTS (SELECT 1 FROM absence_facts WHERE case_id = cases.id) THEN 32 ELSE 0 END
    + CASE WHEN EXISTS (SELECT 1 FROM plans WHERE case_id = cases.id)
        OR EXISTS (SELECT 1 FROM plan_goals WHERE case_id = cases.id)
        OR EXISTS (SELECT 1 FROM plan_actions WHERE case_id = cases.id)
        OR EXISTS (SELECT 1 FROM graded_returns WHERE case_id = cases.id)
        OR EXISTS (SELECT 1 FROM adjustments WHERE case_id = cases.id)
        OR EXISTS (SELECT 1 FROM plan_versions WHERE case_id = cases.id) THEN 64 ELSE 0 END
    + CASE WHEN EXISTS (SELECT 1 FROM documents WHERE case_id = cases.id) THEN 128 ELSE 0 END
    + CASE WHEN EXISTS (SELECT 1 FROM checkins WHERE case_id = cases.id) THEN 256 ELSE 0 END
    + CASE WHEN EXISTS (SELECT 1 FROM working_notes WHERE case_id = cases.id) THEN 512 ELSE 0 END;
CREATE TRIGGER step_changes_written AFTER INSERT ON step_changes BEGIN UPDATE cases SET written = written | 1 WHERE id = NEW.case_id AND written & 1 = 0; END;
CREATE TRIGGER handovers_written AFTER INSERT ON handovers BEGIN UPDATE cases SET written = written | 1 WHERE id = NEW.case_id AND written & 1 = 0; END;
CREATE TRIGGER closures_written AFTER INSERT ON closures BEGIN UPDATE cases SET written = written | 1 WHERE id = NEW.case_id AND written & 1 = 0; END;
CREATE TRIGGER fit_notes_written AFTER INSERT ON fit_notes BEGIN UPDATE cases SET written = written | 2 WHERE id = NEW.case_id AND written & 2 = 0; END;
CREATE TRIGGER assessment_sections_written AFTER INSERT ON assessment_sections BEGIN UPDATE cases SET written = written | 4 WHERE id = NEW.case_id AND written & 4 = 0; END;
CREATE TRIGGER demands_written AFTER INSERT ON demands BEGIN UPDATE cases SET written = written | 4 WHERE id = NEW.case_id AND written & 4 = 0; END;
CREATE TRIGGER obstacles_written AFTER INSERT ON obstacles BEGIN UPDATE cases SET written = written | 4 WHERE id = NEW.case_id AND written & 4 = 0; END;
CREATE TRIGGER strengths_written AFTER INSERT ON strengths BEGIN UPDATE cases SET written = written | 4 WHERE id = NEW.case_id AND written & 4 = 0; END;
CREATE TRIGGER ruler_readings_written AFTER INSERT ON ruler_readings BEGIN UPDATE cases SET written = written | 4 WHERE id = NEW.case_id AND written & 4 = 0; END;
CREATE TRIGGER work_reports_written AFTER INSERT ON work_reports BEGIN UPDATE cases SET written = written | 4 WHERE id = NEW.case_id AND written & 4 = 0; END;
CREATE TRIGGER concerns_written AFTER INSERT ON concerns BEGIN UPDATE cases SET written = written | 8 WHERE id = NEW.case_id AND written & 8 = 0; END;
-- A concern about a referral becomes one of its case.
CREATE TRIGGER concerns_written_later AFTER UPDATE OF case_id ON concerns BEGIN UPDATE cases SET written = written | 8 WHERE id = NEW.case_id AND written & 8 = 0; END;
CREATE TRIGGER questionnaire_responses_written AFTER INSERT ON questionnaire_responses BEGIN UPDATE cases SET written = written | 16 WHERE id = NEW.case_id AND written & 16 = 0; END;
CREATE TRIGGER absence_facts_written AFTER INSERT ON absence_facts BEGIN UPDATE cases SET written = written | 32 WHERE id = NEW.case_id AND written & 32 = 0; END;
CREATE TRIGGER plans_written AFTER INSERT ON plans BEGIN UPDATE cases SET written = written | 64 WHERE id = NEW.case_id AND written & 64 = 0; END;
CREATE TRIGGER plan_goals_written AFTER INSERT ON plan_goals BEGIN UPDATE cases SET written = written | 64 WHERE id = NEW.case_id AND written & 64 = 0; END;
CREATE TRIGGER plan_actions_written AFTER INSERT ON plan_actions BEGIN UPDATE cases SET written = written | 64 WHERE id = NEW.case_id AND written & 64 = 0; END;
CREATE TRIGGER graded_returns_written AFTER INSERT ON graded_returns BEGIN UPDATE cases SET written = written | 64 WHERE id = NEW.case_id AND written & 64 = 0; END;
CREATE TRIGGER adjustments_written AFTER INSERT ON adjustments BEGIN UPDATE cases SET written = written | 64 WHERE id = NEW.case_id AND written & 64 = 0; END;
CREATE TRIGGER plan_versions_written AFTER INSERT ON plan_versions BEGIN UPDATE cases SET written = written | 64 WHERE id = NEW.case_id AND written & 64 = 0; END;
CREATE TRIGGER documents_written AFTER INSERT ON documents BEGIN UPDATE cases SET written = written | 128 WHERE id = NEW.case_id AND written & 128 = 0; END;
CREATE TRIGGER checkins_written AFTER INSERT ON checkins BEGIN UPDATE cases SET written = written | 256 WHERE id = NEW.case_id AND written & 256 = 0; END;
CREATE TRIGGER working_notes_written AFTER INSERT ON working_notes BEGIN UPDATE cases SET written = written | 512 WHERE id = NEW.case_id AND written & 512 = 0; END;
