//! Opens an application: in the whole window, or in a frame of the patient's chart.

use crate::{
    ehr::Ehr,
    http::{Form, Reply, Request, escape, with_query},
    options::LaunchOptions,
    page::{self, Layout, page},
    patient_list::ListOptions,
    resources::{Resource, display_name},
};

pub(crate) fn answer(ehr: &Ehr, request: &Request) -> Reply {
    let form = request.query_form();
    let resources = ehr.resources();
    let Some(patient) = form.get("patient").and_then(|id| resources.get("Patient", id)) else {
        return not_found("There is no such patient.");
    };
    let number: usize = form.get("app").unwrap_or("0").parse().unwrap_or(usize::MAX);
    let Some(app) = ehr.options.app_launch_urls.get(number) else {
        return not_found("There is no such application. Start ehr-sim with --app-launch-url URL.");
    };
    let options = context(&form, patient);
    let launch = ehr.new_launch(&options);
    let target = with_query(app, &[("iss", &ehr.iss()), ("launch", &launch)]);
    if form.get("frame") != Some("1") {
        return Reply::redirect(302, &target);
    }
    chart(ehr, patient, options, &ehr.app_name(number), &target)
}

fn not_found(message: &str) -> Reply {
    page::error(404, Layout::Plain, "Launch", message, "<p><a href=\"/\">All patients</a></p>")
}

fn context(form: &Form, patient: &Resource) -> LaunchOptions {
    let all = |name: &str| -> Vec<String> {
        form.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    };
    LaunchOptions {
        patient: patient.id.clone(),
        encounter: form.get("encounter").map(str::to_owned),
        user: form.get("user").map(str::to_owned),
        need_patient_banner: form.get("banner") == Some("1"),
        fhir_context: all("fhirContext"),
        intent: form.get("intent").map(str::to_owned),
    }
}

/// The chart. It shows the patient only if the application need not show a patient banner.
fn chart(ehr: &Ehr, patient: &Resource, options: LaunchOptions, app: &str, target: &str) -> Reply {
    let user = options.user.clone().unwrap_or_else(|| ehr.default_user());
    let list_options = ListOptions { need_banner: options.need_patient_banner, user: options.user };
    let name = display_name(&patient.value);
    let (title, head) = if list_options.need_banner {
        ("Chart".to_owned(), format!("<h1>{}</h1>", escape(app)))
    } else {
        let head = format!(
            "<h1>{}</h1><dl><div><dt>Born</dt> <dd>{}</dd></div><div><dt>MRN</dt> <dd>{}</dd></div></dl>",
            escape(&name),
            escape(patient.value["birthDate"].as_str().unwrap_or("unknown")),
            escape(ehr.mrn(patient).unwrap_or("none")),
        );
        (format!("{name} - Chart"), head)
    };
    let main = format!(
        "<div class=\"head\">{head}<a class=\"back\" href=\"{}\">All patients</a></div>\n\
         <iframe title=\"{}\" src=\"{}\"></iframe>",
        escape(&list_options.url(ehr)),
        escape(app),
        escape(target)
    );
    page(200, Layout::Chart, &title, Some(&user), &main)
}

/// `GET /smart-style.json`, the URL of `smart_style_url` in the token answer.
pub(crate) fn smart_style() -> Reply {
    Reply::json(
        200,
        &serde_json::json!({
            "color_background": "#ffffff", "color_text": "#1b1b1b", "color_highlight": "#224444",
            "dim_font_size": "16px", "font_family_body": "system-ui, sans-serif",
        }),
    )
}
