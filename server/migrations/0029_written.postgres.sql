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
CREATE FUNCTION handrail_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE cases SET written = written | TG_ARGV[0]::bigint WHERE id = NEW.case_id AND written & TG_ARGV[0]::bigint = 0;
    RETURN NULL;
END $$;
CREATE TRIGGER step_changes_written AFTER INSERT ON step_changes FOR EACH ROW EXECUTE FUNCTION handrail_written(1);
CREATE TRIGGER handovers_written AFTER INSERT ON handovers FOR EACH ROW EXECUTE FUNCTION handrail_written(1);
CREATE TRIGGER closures_written AFTER INSERT ON closures FOR EACH ROW EXECUTE FUNCTION handrail_written(1);
CREATE TRIGGER fit_notes_written AFTER INSERT ON fit_notes FOR EACH ROW EXECUTE FUNCTION handrail_written(2);
CREATE TRIGGER assessment_sections_written AFTER INSERT ON assessment_sections FOR EACH ROW EXECUTE FUNCTION handrail_written(4);
CREATE TRIGGER demands_written AFTER INSERT ON demands FOR EACH ROW EXECUTE FUNCTION handrail_written(4);
CREATE TRIGGER obstacles_written AFTER INSERT ON obstacles FOR EACH ROW EXECUTE FUNCTION handrail_written(4);
CREATE TRIGGER strengths_written AFTER INSERT ON strengths FOR EACH ROW EXECUTE FUNCTION handrail_written(4);
CREATE TRIGGER ruler_readings_written AFTER INSERT ON ruler_readings FOR EACH ROW EXECUTE FUNCTION handrail_written(4);
CREATE TRIGGER work_reports_written AFTER INSERT ON work_reports FOR EACH ROW EXECUTE FUNCTION handrail_written(4);
-- A concern about a referral becomes one of its case.
CREATE TRIGGER concerns_written AFTER INSERT OR UPDATE OF case_id ON concerns FOR EACH ROW EXECUTE FUNCTION handrail_written(8);
CREATE TRIGGER questionnaire_responses_written AFTER INSERT ON questionnaire_responses FOR EACH ROW EXECUTE FUNCTION handrail_written(16);
CREATE TRIGGER absence_facts_written AFTER INSERT ON absence_facts FOR EACH ROW EXECUTE FUNCTION handrail_written(32);
CREATE TRIGGER plans_written AFTER INSERT ON plans FOR EACH ROW EXECUTE FUNCTION handrail_written(64);
CREATE TRIGGER plan_goals_written AFTER INSERT ON plan_goals FOR EACH ROW EXECUTE FUNCTION handrail_written(64);
CREATE TRIGGER plan_actions_written AFTER INSERT ON plan_actions FOR EACH ROW EXECUTE FUNCTION handrail_written(64);
CREATE TRIGGER graded_returns_written AFTER INSERT ON graded_returns FOR EACH ROW EXECUTE FUNCTION handrail_written(64);
CREATE TRIGGER adjustments_written AFTER INSERT ON adjustments FOR EACH ROW EXECUTE FUNCTION handrail_written(64);
CREATE TRIGGER plan_versions_written AFTER INSERT ON plan_versions FOR EACH ROW EXECUTE FUNCTION handrail_written(64);
CREATE TRIGGER documents_written AFTER INSERT ON documents FOR EACH ROW EXECUTE FUNCTION handrail_written(128);
CREATE TRIGGER checkins_written AFTER INSERT ON checkins FOR EACH ROW EXECUTE FUNCTION handrail_written(256);
CREATE TRIGGER working_notes_written AFTER INSERT ON working_notes FOR EACH ROW EXECUTE FUNCTION handrail_written(512);
