//! The EHR opens an application: at top level, or in the frame of a patient's chart.

use crate::{
    auth,
    http::{Form, Reply, Request, escape, with_query},
    options::LaunchOptions,
    page::{self, Look, page},
    patient_list::Choice,
    records::{Record, display_name},
    world::World,
};

pub(crate) fn launch(world: &World, request: &Request) -> Reply {
    let form = request.query_form();
    let records = world.records();
    let Some(patient) = form.get("patient").and_then(|id| records.get("Patient", id)) else {
        return wrong("There is no such patient.");
    };
    let number: usize = form.get("app").unwrap_or("0").parse().unwrap_or(usize::MAX);
    let Some(app) = world.options.app_launch_urls.get(number) else {
        return wrong("There is no such application: start ehr-sim with --app-launch-url URL.");
    };
    let options = context(&form, patient);
    let launch = auth::new_launch(world, &options);
    let target = with_query(app, &[("iss", &world.iss()), ("launch", &launch)]);
    if form.get("frame") != Some("1") {
        return Reply::redirect(302, &target);
    }
    chart(world, patient, options, &world.app_name(number), &target)
}

fn wrong(why: &str) -> Reply {
    page::error(404, Look::Plain, "Launch", why, "<p><a href=\"/\">All patients</a></p>")
}

fn context(form: &Form, patient: &Record) -> LaunchOptions {
    LaunchOptions {
        patient: patient.id.clone(),
        encounter: form.get("encounter").map(str::to_owned),
        user: form.get("user").map(str::to_owned),
        need_patient_banner: form.get("banner") == Some("1"),
    }
}

/// The patient stands in the header only if the application was told that it need not say who it is.
fn chart(world: &World, patient: &Record, options: LaunchOptions, app: &str, target: &str) -> Reply {
    let user = options.user.clone().unwrap_or_else(|| auth::authorize::default_user(world));
    let choice = Choice { need_banner: options.need_patient_banner, user: options.user };
    let name = display_name(&patient.value);
    let (title, head) = if choice.need_banner {
        ("Chart".to_owned(), format!("<h1>{}</h1>", escape(app)))
    } else {
        let head = format!(
            "<h1>{}</h1><dl><div><dt>Born</dt> <dd>{}</dd></div><div><dt>MRN</dt> <dd>{}</dd></div></dl>",
            escape(&name),
            escape(patient.value["birthDate"].as_str().unwrap_or("unknown")),
            escape(world.mrn(patient).unwrap_or("none")),
        );
        (format!("{name} - Chart"), head)
    };
    let main = format!(
        "<div class=\"head\">{head}<a class=\"back\" href=\"{}\">All patients</a></div>\n\
         <iframe title=\"{}\" src=\"{}\"></iframe>",
        escape(&choice.list_address()),
        escape(app),
        escape(target)
    );
    page(200, Look::Chart, &title, Some(&user), &main)
}

/// What `smart_style_url` of the token answer leads to.
pub(crate) fn style() -> Reply {
    Reply::json(
        200,
        &serde_json::json!({
            "color_background": "#ffffff", "color_text": "#1b1b1b", "color_highlight": "#224444",
            "dim_font_size": "16px", "font_family_body": "system-ui, sans-serif",
        }),
    )
}
